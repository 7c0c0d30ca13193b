import { join } from 'node:path';
import { root } from '../../cli/root';

/** One run of the official conformance suite. Its exit code and totals decide whether it passed. */
export interface ConformanceRun {
  readonly name: string;
  /** The release of the suite: 0.1.16 tests the handshake revisions, 0.2 also the later ones. */
  readonly suite: 'conformance-2025' | 'conformance-2026';
  /** The server under test: our worker with resources, the everything server, or its path with sessions. */
  readonly against: 'worker' | 'everything' | 'sessions';
  readonly args: readonly string[];
}

const expected = (list: string) => ['--expected-failures', join(root, 'interop/mcp', `${list}.yml`)];

/** Scenarios that need sessions: the server sends the client a request and waits for the response. */
const withSessions = [
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'server-sse-multiple-streams',
];

/** Both releases against our worker and against the everything server. */
export const conformanceRuns: readonly ConformanceRun[] = [
  {
    name: 'tools and resources, handshake revisions (0.1.16)',
    suite: 'conformance-2025',
    against: 'worker',
    args: expected('tools-2025'),
  },
  {
    name: 'tools and resources, 2025-11-25 (0.2)',
    suite: 'conformance-2026',
    against: 'worker',
    args: ['--requirements', '2025-11-25', ...expected('tools-2025')],
  },
  {
    name: 'tools and resources, 2026-07-28 (0.2)',
    suite: 'conformance-2026',
    against: 'worker',
    args: ['--requirements', '2026-07-28', ...expected('tools-2026')],
  },
  {
    name: 'everything, handshake revisions (0.1.16)',
    suite: 'conformance-2025',
    against: 'everything',
    args: expected('everything-2025'),
  },
  ...withSessions.map((scenario) => ({
    name: `everything, with sessions: ${scenario}`,
    suite: 'conformance-2025' as const,
    against: 'sessions' as const,
    args: ['--scenario', scenario],
  })),
  {
    name: 'everything, pending scenarios (0.1.16)',
    suite: 'conformance-2025',
    against: 'everything',
    args: ['--suite', 'pending'],
  },
  {
    name: 'everything, 2026-07-28 (0.2)',
    suite: 'conformance-2026',
    against: 'everything',
    args: ['--requirements', '2026-07-28'],
  },
];
