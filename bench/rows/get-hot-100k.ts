import { randomBytes } from 'node:crypto';
import type { Row } from '../framework/row.ts';
import { hotFile, noteOf, rateFigures } from './hot.ts';

export const getHot100k: Row = {
  name: 'get-100k',
  title: 'GET 100 KB, hot, with login and permission check',
  run: async (pace) => {
    const seen = await hotFile(randomBytes(100 * 1024), pace);
    return {
      figures: [
        ...rateFigures('static file', seen.ours, 'nginx', seen.nginx, { sense: 'at least', value: 1.2 }),
        ...rateFigures('blob', seen.ours, 'docker-registry', seen['docker-registry'], null),
        ...rateFigures('the same bytes and nothing else', seen.ours, 'bare node:http', seen['node:http'], null),
      ],
      notes: [noteOf(seen)],
    };
  },
};
