import { join } from 'node:path';
import { root } from '../../cli/root';
import type { Peers } from './peers';
import { lastWords, runProgram } from './program';
import { failStep, type Step } from './step';

/** Both commands of the official suite against the product, and the second one with the older revision. */
export function productConformance(peers: Peers, url: string): readonly Step[] {
  return [
    suite(peers, 'tools alone, handshake revisions (0.1.16)', '2025', url, ['--expected-failures', list('tools-2025')]),
    suite(peers, 'tools alone, 2025-11-25 (0.2)', '2026', url, [
      ...['--requirements', '2025-11-25', '--expected-failures', list('tools-2025')],
    ]),
    suite(peers, 'tools alone, 2026-07-28 (0.2)', '2026', url, [
      ...['--requirements', '2026-07-28', '--expected-failures', list('tools-2026')],
    ]),
  ];
}

/** The suite against the server that has everything; what needs sessions goes to the path that has them. */
export function everythingConformance(peers: Peers, url: string, sessionsUrl: string): readonly Step[] {
  const withSessions = [
    'tools-call-sampling',
    'tools-call-elicitation',
    'elicitation-sep1034-defaults',
    'elicitation-sep1330-enums',
    'server-sse-multiple-streams',
  ];
  return [
    suite(peers, 'everything, handshake revisions (0.1.16)', '2025', url, [
      ...['--expected-failures', list('everything-2025')],
    ]),
    ...withSessions.map((scenario) =>
      suite(peers, `everything, with sessions: ${scenario}`, '2025', sessionsUrl, ['--scenario', scenario]),
    ),
    suite(peers, 'everything, pending scenarios (0.1.16)', '2025', url, ['--suite', 'pending']),
    suite(peers, 'everything, 2026-07-28 (0.2)', '2026', url, ['--requirements', '2026-07-28']),
  ];
}

function list(name: string): string {
  return join(root, 'interop', 'mcp', `${name}.yml`);
}

function suite(peers: Peers, what: string, year: '2025' | '2026', url: string, args: readonly string[]): Step {
  return {
    name: `conformance: ${what}`,
    async run() {
      const program = peers.file(`conformance-${year}/dist/index.js`);
      const ending = await runProgram(peers.node, [program, 'server', '--url', url, ...args]);
      // The exit code alone is not enough: against nothing at all, half of the checks of 0.2 pass.
      const totals = /(Total|Passed): .*/.exec(ending.stdout)?.[0];
      if (ending.code !== 0 || totals === undefined) failStep(`exit ${ending.code}\n${lastWords(ending, 25)}`);
      // What is not scored for a revision fails in everybody's server: extensions, and scenarios that are not ready.
      const unscored = /Not scored for [\d-]+: (\d+) scenario\(s\) run, (\d+) failing/.exec(ending.stdout);
      const aside = unscored ? `; not scored: ${unscored[2]} of ${unscored[1]} failing` : '';
      const baseline = args.includes('--expected-failures') ? '; exactly the expected ones fail' : '';
      return `exit 0, ${totals}${aside}${baseline}`;
    },
  };
}
