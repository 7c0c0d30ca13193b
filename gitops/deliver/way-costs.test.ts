import { render } from '../../charts/render';
import { terraformFiles } from '../../dns/terraform';
import type { ServerEntry } from '../../model/server-entry';
import type { Ways } from '../../model/ways';
import { platformWith, testSealed, testServer, testWays } from '../../testing/fixtures';
import { costs } from './costs';
import type { FileChange } from './plan';

const { ingress, gateway } = testWays;
const both = { ingress, gateway };

/** The warnings of a delivery that changes the ways in of a server, with or without its record. */
function warningsOf(before: Ways, after: Ways, fields: Partial<ServerEntry>, hasDns = true) {
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
  const warnings = (before: Ways, after: Ways, hasDns?: boolean) => warningsOf(before, after, { runtime }, hasDns);

  test.each([
    ['adding a way in', { ingress }, { ...both, active: 'ingress' as const }],
    ['moving the record', { ...both, active: 'ingress' as const }, { ...both, active: 'gateway' as const }],
    ['removing the other', { ...both, active: 'gateway' as const }, { gateway }],
    ['adding the old one back', { gateway }, { ...both, active: 'gateway' as const }],
  ])('does not warn about only %s', (_step, before, after) => {
    expect(warnings(before, after)).toEqual([]);
  });

  test.each([
    ['replacing the ingress', { ingress }, { gateway }, 'loses its ingress and gets its route'],
    ['replacing the route', { gateway }, { ingress }, 'loses its route and gets its ingress'],
    [
      'removing the way in that the record points to',
      { ...both, active: 'ingress' as const },
      { gateway },
      'loses its ingress',
    ],
    ['moving the record to a new way in', { ingress }, { ...both, active: 'gateway' as const }, 'gets its route'],
  ])('warns about %s and lists the steps', (_what, before, after, what) => {
    expect(warnings(before, after)).toEqual([
      {
        code: 'WAY-CHANGED',
        level: 'warning',
        message: expect.stringMatching(new RegExp(`"weather" ${what} in .* from \\S+\\.example\\.com to \\S+`)),
        fix: expect.stringContaining('change active'),
      },
    ]);
  });

  test('without --dns-to, warns about a removed way in, but not about a new one', () => {
    expect(warnings({ ...both, active: 'gateway' }, { gateway }, false)).toMatchObject([
      {
        code: 'WAY-CHANGED',
        message: expect.stringContaining('the record is not visible here'),
        fix: expect.stringContaining('verify'),
      },
    ]);
    expect(warnings({ ingress }, { ...both, active: 'ingress' }, false)).toEqual([]);
  });
});

test('reports a server that becomes internal only as a changed address', () => {
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
