import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distributionAt, distributionPath, parseDistribution } from './file-names.ts';
import { isProjectName, normalizeName } from './names.ts';
import { documentAt } from './paths.ts';

describe('names of projects and files', () => {
  it.each([['Friendly-Bard', 'friendly-bard'], ['FRIENDLY.bard', 'friendly-bard'], ['friendly__.-bard', 'friendly-bard'], ['x', 'x']])('%s is %s (PEP 503)', (name, normal) => {
    expect(normalizeName(name)).toBe(normal);
    expect(isProjectName(name)).toBe(true);
  });

  it.each(['', '-a', 'a-', 'a b', 'a/b', '..', 'ä', 'a\n', 'x'.repeat(201)])('%j is no name of a project', (name) => {
    expect(isProjectName(name)).toBe(false);
  });

  it.each([
    ['pip-23.0.1-py3-none-any.whl', 'pip', '23.0.1', 'wheel'],
    ['my_pkg-1.0-2build-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl', 'my-pkg', '1.0', 'wheel'],
    ['My.Pkg-1.0_1-py2.py3-none-any.whl', 'my-pkg', '1.0.post1', 'wheel'],
    ['torch-2.0.0+cu117-cp311-cp311-linux_x86_64.whl', 'torch', '2.0.0+cu117', 'wheel'],
    ['torch-2.0.0_cu117-cp311-cp311-linux_x86_64.whl', 'torch', '2.0.0+cu117', 'wheel'],
    ['my_pkg-1.0.tar.gz', 'my-pkg', '1.0', 'sdist'],
    ['my-pkg-1.0.tar.gz', 'my-pkg', '1.0', 'sdist'],
    ['foo-1-2.0.zip', 'foo-1', '2.0', 'sdist'],
    ['foo-1-2.tar.bz2', 'foo', '1.post2', 'sdist'],
    ['zope.interface-5.0b1.tgz', 'zope-interface', '5.0b1', 'sdist'],
  ])('%s is %s %s', (fileName, project, version, type) => {
    expect(parseDistribution(fileName, project)).toEqual({ fileName, project, version, type });
    expect(distributionAt(`${project}/${version}/${fileName}`)).not.toBeNull();
  });

  it.each([
    ['pip-23.0.1-py3-none-any.whl', 'pipx'], ['pip-23.0.1-py3-none.whl', 'pip'], ['pip-x-py3-none-any.whl', 'pip'], ['pip-1.0-x-py3-none-any.whl', 'pip'],
    ['pip-1.0.exe', 'pip'], ['.pip-1.0.tar.gz', 'pip'], ['pip-1.0/x.tar.gz', 'pip'], ['pip.tar.gz', 'pip'], ['../pip-1.0.tar.gz', 'pip'], ['pip-1.0.tar.gz\n', 'pip'],
  ])('%j is no distribution of %s', (fileName, project) => {
    expect(parseDistribution(fileName, project)).toBeNull();
  });

  it('whatever is taken for a distribution has one place, which says the same', () => {
    const part = fc.constantFrom('pip', 'my', '-', '_', '.', '1', '1.0', 'py3', 'none', 'any', '.whl', '.tar.gz', '.zip', '/', '..', '+', '!');
    fc.assert(fc.property(fc.array(part, { maxLength: 14 }).map((parts) => parts.join('')), fc.constantFrom('pip', 'my', 'my-1', '1', 'pip-my'), (fileName, project) => {
      const read = parseDistribution(fileName, project);
      if (read === null) return;
      const path = distributionPath(read);
      expect(path.split('/')).toHaveLength(3);
      expect(path).not.toContain('..//');
      expect(distributionAt(path)).toEqual(read);
      expect(documentAt(path)).toBeNull();
    }), { numRuns: 3000 });
  });

  it('no path makes it fail', () => {
    fc.assert(fc.property(fc.string(), (path) => {
      distributionAt(path);
      documentAt(path);
      documentAt(`${path}.metadata`);
      documentAt(`a/.pypi/project-${path}.json`);
    }));
  });
});
