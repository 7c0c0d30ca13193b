import { testPlatform, testServer } from '../../testing/fixtures';
import { unsealedRenderProblems } from './render-problems';

test('reports the rendering problems of a server that does not exist yet', () => {
  const broken = testServer({ values: { envFrom: [] } });
  expect(unsealedRenderProblems([broken, testServer({}, 'other')], [testPlatform])).toMatchObject([
    { code: 'SERVER-FIELD' },
  ]);
  expect(unsealedRenderProblems([testServer(), testServer({ runtime: 'plain' }, 'other')], [testPlatform])).toEqual([]);
});
