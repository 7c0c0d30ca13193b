import { join } from 'node:path';
import { root } from '../../cli/root';

/** One run of the official conformance suite, which says itself whether it passed. */
export interface ConformanceRun {
  readonly name: string;
  /** The release of the suite: 0.1.16 knows the handshake revisions, 0.2 the later ones too. */
  readonly suite: 'conformance-2025' | 'conformance-2026';
  /** What it is run against: the product with resources, the server that has everything, or that server's path with sessions. */
  readonly against: 'worker' | 'everything' | 'sessions';
  readonly args: readonly string[];
}

const expected = (list: string) => ['--expected-failures', join(root, 'interop/mcp', `${list}.yml`)];

/** The suite's answers need sessions there: the server asks the client and waits. */
const withSessions = [
  'tools-call-sampling',
  'tools-call-elicitation',
  'elicitation-sep1034-defaults',
  'elicitation-sep1330-enums',
  'server-sse-multiple-streams',
];

/** Both releases against the product, and against the server that has everything. */
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
