import { z } from 'zod';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { authorizationOf } from '../engine/token';
import { ask, jsonOf } from './ask';
import { type CatalogueTool, isNamed, mcpNameOf } from './catalogue';
import { type Example, exampleOf } from './example';
import { type Facts, passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';
import { unexpected } from './unexpected';
import { list } from './worker';
import type { World } from './world';

const { invoke } = contract.paths;

/** Calls each tool that can be called without harm, the way an engine does, and says which were not and why. */
export const invokesTools: Step = {
  name: 'invoke',
  title: 'safe tools can be called',
  needs: ['tools'],
  async run(target, facts, world) {
    const plans = (facts.catalogue ?? []).map((tool) => ({ tool, example: planOf(tool, target, facts) }));
    const calls = plans.flatMap(({ tool, example }) => ('inputs' in example ? [{ tool, example }] : []));
    const left = plans.flatMap(({ tool, example }) => ('reason' in example ? [`${tool.name} ${example.reason}`] : []));
    const notInvoked = left.length === 0 ? '' : `not invoked: ${list(left)}`;
    if (calls.length === 0) return skipped(`${notInvoked}; name those that do no harm: --invoke <tool>`);
    const called: string[] = [];
    for (const call of calls) called.push(await outcomeOf(call, target, facts, world));
    return passed([list(called), ...(notInvoked === '' ? [] : [notInvoked])].join('; '));
  },
};

function planOf(tool: CatalogueTool, target: Target, { mcpTools = [] }: Facts): Example {
  const isAllowed = target.invoke.some((name) => name === 'all' || isNamed(tool, name));
  return exampleOf(
    tool,
    isAllowed,
    mcpTools.find(({ name }) => name === mcpNameOf(tool)),
  );
}

const Outcome = z.object({
  success: z.boolean(),
  duration: z.number(),
  output: z.object({ error: z.object({ kind: z.string(), message: z.string() }).loose().nullish() }).loose(),
});

interface Call {
  readonly tool: CatalogueTool;
  readonly example: Extract<Example, { inputs: unknown }>;
}

/** The tool with its time for the line. @throws Problem TOOL-FAILS */
async function outcomeOf({ tool, example }: Call, target: Target, facts: Facts, world: World): Promise<string> {
  const { secret } = target;
  const answer = await ask(target, facts, world, invoke, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret === undefined ? {} : { authorization: authorizationOf(secret) }),
    },
    body: JSON.stringify({
      tool: { name: tool.name, toolkit: tool.toolkit.name, version: tool.toolkit.version ?? null },
      inputs: example.inputs,
      context: { user_id: 'verify' },
      execution_id: 'verify',
    }),
  });
  const asked = urlOf(target, invoke);
  const { success, data } = Outcome.safeParse(jsonOf(answer));
  if (answer.status !== 200 || !success) throw unexpected('TOOL-FAILS', target, asked, answer);
  if (data.success) return `${tool.name} ${Math.round(answer.ms)} ms`;
  const { kind = 'no kind', message = '' } = data.output.error ?? {};
  // Made-up inputs may be refused with good reason; the way there and back works all the same.
  const isDefect = example.isGiven || /_FATAL$|_BAD_OUTPUT_VALUE$/.test(kind);
  if (!isDefect) return `${tool.name} answers ${kind} to made-up inputs`;
  throw new Problem(
    'TOOL-FAILS',
    `The tool ${tool.name} of ${target.name} fails on ${example.isGiven ? 'its first example' : 'the smallest inputs that fit'}: ${message || kind}`,
    {
      path: asked.href,
      fix: `see the log of the pod: kubectl -n ${target.name} logs deploy/${target.name}`,
    },
  );
}
