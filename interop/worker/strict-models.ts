import { spawnSync } from 'node:child_process';
import { exchange } from '../../testing/exchanges/exchange';
import { mint } from '../../testing/exchanges/token';
import { environments, type ServerKind } from '../../testing/exchanges/vector';
import { pythonFiles } from './python';

/** What the real package's own models say about the answers of a worker with a secret. */
export interface StrictResult {
  readonly answer: string;
  /** Empty when the models take the answer as it is. */
  readonly disagreements: readonly string[];
}

/**
 * Loads the catalogue, a call that succeeds and one that fails with the pydantic models of arcade-core, in strict mode.
 * @param interpreter a Python with the real package
 */
export async function loadWithStrictModels(
  interpreter: string,
  url: string,
  kind: ServerKind,
): Promise<readonly StrictResult[]> {
  const authorization = { Authorization: `Bearer ${mint({ ...recipe, claims: { aud: 'worker', ver: '1' } })}` };
  const invoke = (name: string, inputs: unknown) => ({
    method: 'POST',
    path: '/worker/tools/invoke',
    headers: { ...authorization, 'Content-Type': 'application/json' },
    body: Buffer.from(JSON.stringify({ tool: { name, toolkit: 'ArcadeEvalRef' }, inputs })),
  });
  const catalogue = await exchange(url, { method: 'GET', path: '/worker/tools', headers: authorization });
  const called = await exchange(url, invoke('Add', { a: 2, b: 3 }));
  const failed = await exchange(url, invoke('Add', { a: 'two' }));
  return [
    { answer: `GET /worker/tools (${kind})`, disagreements: load(interpreter, 'tools', catalogue.body) },
    { answer: `POST /worker/tools/invoke (${kind})`, disagreements: load(interpreter, 'call', called.body) },
    {
      answer: `POST /worker/tools/invoke, bad inputs (${kind})`,
      disagreements: load(interpreter, 'call', failed.body),
    },
  ];
}

const recipe = { secret: environments.base.ARCADE_WORKER_SECRET, alg: 'HS256' } as const;

function load(interpreter: string, shape: 'tools' | 'call', answer: Buffer): readonly string[] {
  const run = spawnSync(interpreter, ['-B', pythonFiles.checkCatalogue, shape], { input: answer, encoding: 'utf8' });
  if (run.status === 0) return [];
  const lines = `${run.stdout}${run.stderr}`.trim().split('\n').filter(Boolean);
  return lines.length > 0 ? lines : [`the models could not be run (exit code ${run.status})`];
}
