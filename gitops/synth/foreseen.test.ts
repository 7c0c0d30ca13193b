import { testPlatform, testServer } from '../../testing/fixtures';
import { foreseenUnsealed } from './foreseen';

test('what rendering refuses of a server is known before it is there', () => {
  const broken = testServer({ values: { envFrom: [] } });
  expect(foreseenUnsealed([broken, testServer({}, 'other')], [testPlatform])).toMatchObject([{ code: 'SERVER-FIELD' }]);
  expect(foreseenUnsealed([testServer(), testServer({ runtime: 'plain' }, 'other')], [testPlatform])).toEqual([]);
});
