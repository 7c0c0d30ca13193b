import { render } from '../../charts/render';
import { terraformFiles } from '../../dns/terraform';
import type { ServerEntry } from '../../model/server-entry';
import type { Ways } from '../../model/ways';
import { platformWith, testSealed, testServer, testWays } from '../../testing/fixtures';
import { costs } from './costs';
import type { FileChange } from './plan';

const { ingress, gateway } = testWays;
const both = { ingress, gateway };

/** What a delivery tells that leads a server from some ways to others; with its record, or without. */
function toldOf(before: Ways, after: Ways, fields: Partial<ServerEntry>, hasDns = true) {
  const [old, fresh] = [before, after].map((ways) => {
    const platform = platformWith(ways);
    const server = testServer(fields, 'weather', platform);
    return {
      'weather/server.yaml': render(server, testSealed(server))[1]?.text ?? '',
      'weather.tf.json': terraformFiles([server], platform)[0]?.text ?? '',
    };
  });
  const paths = ['weather/server.yaml', ...(hasDns ? ['weather.tf.json'] : [])] as (keyof NonNullable<typeof old>)[];
  const changes = paths.map((path): FileChange => {
    const [was, is] = [old?.[path], fresh?.[path]];
    return { path, server: 'weather', state: was === is ? 'unchanged' : 'changed', before: was, after: is };
  });
  return costs(changes, new Set()).map(({ code, level, message, fix }) => ({ code, level, message, fix }));
}

describe.each(['plain', 'st-app'] as const)('with %s', (runtime) => {
  const told = (before: Ways, after: Ways, hasDns?: boolean) => toldOf(before, after, { runtime }, hasDns);

  test.each([
    ['adding a way', { ingress }, { ...both, active: 'ingress' as const }],
    ['letting the record follow', { ...both, active: 'ingress' as const }, { ...both, active: 'gateway' as const }],
    ['removing the other', { ...both, active: 'gateway' as const }, { gateway }],
    ['and back', { gateway }, { ...both, active: 'gateway' as const }],
  ])('%s costs nothing by itself', (_step, before, after) => {
    expect(told(before, after)).toEqual([]);
  });

  test.each([
    ['one way for the other', { ingress }, { gateway }, 'loses its ingress and gets its route'],
    ['back again', { gateway }, { ingress }, 'loses its route and gets its ingress'],
    ['the way that records point to', { ...both, active: 'ingress' as const }, { gateway }, 'loses its ingress'],
    ['to a way that is only added', { ingress }, { ...both, active: 'gateway' as const }, 'gets its route'],
  ])('%s is told with the steps to take', (_what, before, after, what) => {
    expect(told(before, after)).toEqual([
      {
        code: 'WAY-CHANGED',
        level: 'warning',
        message: expect.stringMatching(new RegExp(`"weather" ${what} in .* from \\S+\\.example\\.com to \\S+`)),
        fix: expect.stringContaining('change active'),
      },
    ]);
  });

  test('without the records, a way that goes is told, and one that comes is not', () => {
    expect(told({ ...both, active: 'gateway' }, { gateway }, false)).toMatchObject([
      {
        code: 'WAY-CHANGED',
        message: expect.stringContaining('nobody can tell'),
        fix: expect.stringContaining('verify'),
      },
    ]);
    expect(told({ ingress }, { ...both, active: 'ingress' }, false)).toEqual([]);
  });
});

test('a server that turns internal has another address, which is told as that alone', () => {
  const platform = platformWith({ gateway });
  const [before, after] = (['public', 'internal'] as const).map((exposure) => {
    const server = testServer({ runtime: 'plain', exposure }, 'weather', platform);
    return render(server, testSealed(server))[1]?.text ?? '';
  });
  const change = { path: 'weather/server.yaml', server: 'weather', state: 'changed', before, after } as const;
  expect(costs([change], new Set())).toMatchObject([
    { code: 'ADDRESS-CHANGED', message: expect.stringContaining('from https://weather.example.com') },
  ]);
});
