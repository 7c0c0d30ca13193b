import { type Exchange, exchange } from '../../testing/exchanges/exchange';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { environments, type ServerKind } from '../../testing/exchanges/vector';
import { endingOf } from '../../testing/processes/program';
import { checkCatalogue } from '../../testing/processes/python-server';
import { contract } from '../../worker/contract';

/** A request to our worker, and the arcade-core model that its response must match. */
export interface AnswerForModel {
  readonly name: string;
  readonly model: 'tools' | 'call' | 'resources' | 'contents';
  readonly request: Exchange;
}

const claims = { aud: 'worker', ver: '1' };
const headers = {
  Authorization: `Bearer ${mint({ secret: environments.base.ARCADE_WORKER_SECRET, alg: 'HS256', claims })}`,
  'Content-Type': 'application/json',
};

/** The requests to a worker with a secret: the catalogue, a call that succeeds, one that fails, and the resources. */
export function answersForModels(kind: ServerKind): readonly AnswerForModel[] {
  const { tools: path, resourcesList, resourcesRead } = contract.paths;
  const post = (route: string, body: object) => ({ method: 'POST', path: route, headers, body: bytesOf(body) });
  const ofTools: readonly AnswerForModel[] = [
    { name: 'the catalogue', model: 'tools', request: { method: 'GET', path, headers } },
    { name: 'a call', model: 'call', request: callOfAdd({ a: 2, b: 3 }) },
    { name: 'a call with bad inputs', model: 'call', request: callOfAdd({ a: 'two' }) },
  ];
  if (kind !== 'resources') return ofTools;
  const uri = `ui://${recordedName}/1.0.0/card.html`;
  return [
    ...ofTools,
    { name: 'the resources', model: 'resources', request: post(resourcesList, {}) },
    { name: 'a text', model: 'contents', request: post(resourcesRead, { uri }) },
  ];
}

function bytesOf(body: object): Buffer {
  return Buffer.from(JSON.stringify(body));
}

function callOfAdd(inputs: object): Exchange {
  const body = bytesOf({ tool: { name: 'Add', toolkit: recordedName }, inputs });
  return { method: 'POST', path: '/worker/tools/invoke', headers, body };
}

/**
 * Validates a response with the pydantic models of arcade-core, in strict mode.
 * @param interpreter a Python with the real package
 * @returns the validation errors
 */
export async function validationErrors(
  interpreter: string,
  url: string,
  { model, request }: AnswerForModel,
): Promise<readonly string[]> {
  const { body } = await exchange(url, request);
  const { code, stdout, stderr } = await endingOf(interpreter, ['-B', checkCatalogue, model], { input: body });
  return code === 0 ? [] : [`exit code ${code}`, ...`${stdout}${stderr}`.trim().split('\n')];
}
