import { z } from 'zod';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { authorizationOf } from '../engine/token';
import type { Example } from '../tools/published';
import { ask, jsonOf, unexpected } from './ask';
import { type CatalogueTool, isNamed, list, mcpNameOf, type ValueSchema } from './catalogue';
import { firstFew, jsonDiff } from './json-diff';
import type { World } from './node-world';
import { type Facts, passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';

const { invoke } = contract.paths;

/** Calls every tool that is safe to call, as an engine does, and reports which were not called and why. */
export const invokesTools: Step = {
  name: 'invoke',
  title: 'safe tools can be called',
  needs: ['token', 'tools'],
  async run(target, facts, world) {
    const planned = (facts.catalogue ?? []).flatMap((tool) => callsOf(tool, target, facts));
    const calls = planned.filter((each) => typeof each !== 'string');
    const left = planned.filter((each) => typeof each === 'string');
    const notInvoked = left.length === 0 ? '' : `not invoked: ${list(left)}`;
    if (calls.length === 0) return skipped(`${notInvoked}; allow those that do no harm: --invoke <tool>`);
    const called: string[] = [];
    for (const each of calls) called.push(await call(each, target, facts, world));
    return passed([list(called), notInvoked].filter(Boolean).join('; '));
  },
};

/** A tool that is safe to call, and its inputs. */
interface Call {
  readonly tool: CatalogueTool;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Where the inputs come from, for a sentence. @default - generated: the smallest that fit the schema */
  readonly origin?: string;
  /** The example of the sources, with its outcome. @default - the call should succeed */
  readonly example?: Example;
}

/**
 * The calls to a tool, or why it must not be called. The inputs are the examples in its sources, else the first example of
 * its input schema, else the smallest that fit. Only read-only tools and those that the caller named are called.
 */
function callsOf(tool: CatalogueTool, target: Target, { mcpTools = [] }: Facts): readonly (Call | string)[] {
  const mcpTool = mcpTools.find(({ name }) => name === mcpNameOf(tool));
  const isNamedSafe = target.invoke.some((name) => name === 'all' || isNamed(tool, name));
  const isReadOnly = tool.metadata?.behavior?.read_only === true || mcpTool?.annotations?.readOnlyHint === true;
  if (!isReadOnly && !isNamedSafe) return [`${tool.name} is not marked read-only`];
  const { authorization, secrets, metadata } = tool.requirements ?? {};
  if (authorization) return [`${tool.name} needs a user's authorization`];
  if (secrets?.length) return [`${tool.name} needs secrets`];
  if (metadata?.length) return [`${tool.name} needs metadata`];
  // Only a user id is sent along, so an example that needs more context cannot be checked here.
  const own = target.sources?.examples.filter(
    (example) => example.tool === tool.name && Object.keys(example.context).every((key) => key === 'userId'),
  );
  if (own !== undefined && own.length > 0)
    return own.map((example) => {
      const origin = `its example ${example.index + 1}`;
      return { tool, inputs: example.input, origin, example };
    });
  const [inputs] = mcpTool?.inputSchema?.examples ?? [];
  if (inputs !== undefined) return [{ tool, inputs, origin: 'its first example' }];
  const required = tool.input.parameters.filter((parameter) => parameter.required);
  const smallest = required.map(({ name, value_schema }) => [name, smallestOf(value_schema)]);
  return [{ tool, inputs: Object.fromEntries(smallest) }];
}

function smallestOf({ val_type, enum: choices, properties, required_keys }: ValueSchema): unknown {
  if (val_type === 'json') {
    const required = Object.entries(properties ?? {}).filter(([key]) => required_keys?.includes(key));
    return Object.fromEntries(required.map(([key, member]) => [key, smallestOf(member)]));
  }
  const smallest: Readonly<Record<string, unknown>> = { array: [], boolean: false, integer: 1, number: 1 };
  return smallest[val_type] ?? choices?.[0] ?? 'verify';
}

/** The response of `/worker/tools/invoke`. */
const InvokeAnswer = z.object({
  success: z.boolean(),
  duration: z.number(),
  output: z.looseObject({
    value: z.unknown().optional(),
    error: z.looseObject({ kind: z.string(), message: z.string() }).nullish(),
  }),
});

/** Calls a tool. @returns its name and time, for the report @throws Problem TOOL-FAILS */
async function call(planned: Call, target: Target, facts: Facts, world: World): Promise<string> {
  const { tool, inputs, origin, example } = planned;
  const { name, secret } = target;
  const user = example === undefined ? 'verify' : example.context.userId;
  const body = {
    tool: { name: tool.name, toolkit: tool.toolkit.name, version: tool.toolkit.version ?? null },
    inputs,
    context: user === undefined ? {} : { user_id: user },
    execution_id: 'verify',
  };
  const headers = { 'content-type': 'application/json', ...(secret && { authorization: authorizationOf(secret) }) };
  const request = { method: 'POST', headers, body: JSON.stringify(body) } as const;
  const response = await ask(target, facts, world, invoke, request);
  const { success, data } = InvokeAnswer.safeParse(jsonOf(response));
  if (response.status !== 200 || !success) throw unexpected('TOOL-FAILS', target, invoke, response);
  const { kind = 'no kind', message = '' } = data.output.error ?? {};
  const path = urlOf(target, invoke).href;
  const diff = example === undefined ? [] : outcomeDiff(example, data.success ? data.output.value : undefined, kind);
  if (data.success && diff.length === 0) return `${tool.name} ${Math.round(response.ms)} ms`;
  if (example?.fails === kind) return `${tool.name} fails with ${kind} as ${origin} expects`;
  if (data.success) {
    const what = `The tool ${tool.name} of ${name} contradicts ${origin}: ${firstFew(diff)}`;
    const fix = `the image was built from other sources, or the tool depends on its environment: npm run verify -- ${target.args} --kubectl`;
    throw new Problem('TOOL-FAILS', what, { path, fix });
  }
  // A tool may reject placeholder inputs: any answer proves the round trip.
  const isDefect = origin !== undefined || /_FATAL$|_BAD_OUTPUT_VALUE$/.test(kind);
  if (!isDefect) return `${tool.name} answers ${kind} to placeholder inputs`;
  const what = `The tool ${tool.name} of ${name} fails on ${origin ?? 'the smallest inputs that fit'}: ${message || kind}`;
  const fix = `read the log of the pod: kubectl -n ${name} logs deploy/${name}`;
  throw new Problem('TOOL-FAILS', what, { path, fix });
}

/** How a successful call differs from its example. A failed call is reported by its own message. */
function outcomeDiff(example: Example, value: unknown, kind: string): readonly string[] {
  if (example.fails !== undefined) return kind === example.fails ? [] : [`it succeeds instead of ${example.fails}`];
  return 'output' in example && value !== undefined ? jsonDiff(example.output, value, 'output') : [];
}
