import { expect, it } from 'vitest';
import { propertyProblems, refusedProperty, valuesOf } from './property-draft.ts';

it('takes each line for a value, once', () => {
  expect(valuesOf(' a \n\nb, c\na')).toEqual(['a', 'b, c']);
});

it('says what is wrong beside its field', () => {
  expect(propertyProblems({ name: 'build.number', values: '12' }, [])).toEqual({});
  expect(Object.keys(propertyProblems({ name: ' ', values: ' \n' }, []))).toEqual(['name', 'values']);
  for (const name of ['1st', 'a b', 'a=b', 'a/b', 'taken']) expect(propertyProblems({ name, values: 'x' }, ['taken']), name).toHaveProperty('name');
});

it('finds the field of a refusal', () => {
  expect(refusedProperty('PROPERTY_INVALID', { name: 'x', message: 'a value has 1024 bytes at most', field: 'value' })).toEqual({ field: 'values', message: 'A value has 1024 bytes at most' });
  expect(refusedProperty('PROPERTY_INVALID', { name: 'x', message: 'a name has 255 bytes at most', field: 'name' })).toEqual({ field: 'name', message: 'A name has 255 bytes at most' });
  expect(refusedProperty('FORBIDDEN', { message: 'no' })).toBeNull();
  expect(refusedProperty('PROPERTY_INVALID', undefined)).toBeNull();
  // what is wrong with all of them together belongs to no field
  expect(refusedProperty('PROPERTY_INVALID', { name: 'x', message: 'it would have more than 2000 values' })).toBeNull();
});
