import { z } from 'zod';
import { Problem } from '../../model/problem';
import { contract } from '../../worker/contract';
import { authorizationOf } from '../engine/token';
import type { Example as OwnExample } from '../tools/published';
import { ask, jsonOf, unexpected } from './ask';
import { type CatalogueTool, isNamed, list, mcpNameOf, type ValueSchema } from './catalogue';
import type { World } from './node-world';
import { firstFew, jsonDiff } from './json-diff';
import { type Facts, passed, type Step, skipped } from './step';
import { type Target, urlOf } from './target';

const { invoke } = contract.paths;

/** Calls each tool that can be called without harm, the way an engine does, and says which were not called and why. */
export const invokesTools: Step = {
  name: 'invoke',
  title: 'safe tools can be called',
  needs: ['token', 'tools'],
  async run(target, facts, world) {
    const examples = (facts.catalogue ?? []).flatMap((tool) => examplesFor(tool, target, facts));
    const safe = examples.filter((example) => typeof example !== 'string');
    const left = examples.filter((example) => typeof example === 'string');
    const notInvoked = left.length === 0 ? '' : `not invoked: ${list(left)}`;
    if (safe.length === 0) return skipped(`${notInvoked}; name those that do no harm: --invoke <tool>`);
    const called: string[] = [];
    for (const example of safe) called.push(await call(example, target, facts, world));
    return passed([list(called), notInvoked].filter(Boolean).join('; '));
  },
};

/** A tool that may be called, and with what. */
interface Example {
  readonly tool: CatalogueTool;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Who wrote the inputs, for a sentence. @default - nobody: they are the smallest that fit */
  readonly given?: string;
  /** What its author says of the outcome. @default - that the call succeeds */
  readonly author?: OwnExample;
}

/**
 * The examples of the tool's sources; else the first one of its input schema, else the smallest inputs that fit; or why it
 * may not be called. Only a tool that says it is read-only, or that the caller named, may be called.
 */
function examplesFor(tool: CatalogueTool, target: Target, { mcpTools = [] }: Facts): readonly (Example | string)[] {
  const mcpTool = mcpTools.find(({ name }) => name === mcpNameOf(tool));
  const isNamedSafe = target.invoke.some((name) => name === 'all' || isNamed(tool, name));
  const isReadOnly = tool.metadata?.behavior?.read_only === true || mcpTool?.annotations?.readOnlyHint === true;
  if (!isReadOnly && !isNamedSafe) return [`${tool.name} does not say that it is read-only`];
  const { authorization, secrets, metadata } = tool.requirements ?? {};
  if (authorization) return [`${tool.name} needs a person's authorization`];
  if (secrets?.length) return [`${tool.name} needs secrets`];
  if (metadata?.length) return [`${tool.name} needs metadata`];
  // A user is sent along; whatever else an example brings is its own, and not what the running tool would get.
  const own = target.sources?.examples.filter(
    (example) => example.tool === tool.name && Object.keys(example.context).every((key) => key === 'userId'),
  );
  if (own !== undefined && own.length > 0)
    return own.map((author) => ({ tool, inputs: author.input, given: `its example ${author.index + 1}`, author }));
  const [given] = mcpTool?.inputSchema?.examples ?? [];
  if (given !== undefined) return [{ tool, inputs: given, given: 'its first example' }];
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

/** The answer of `/worker/tools/invoke`. */
const InvokeAnswer = z.object({
  success: z.boolean(),
  duration: z.number(),
  output: z.looseObject({
    value: z.unknown().optional(),
    error: z.looseObject({ kind: z.string(), message: z.string() }).nullish(),
  }),
});

/** The tool and its time, for the line. @throws Problem TOOL-FAILS */
async function call(example: Example, target: Target, facts: Facts, world: World): Promise<string> {
  const { tool, inputs, given, author } = example;
  const { name, secret } = target;
  const user = author === undefined ? 'verify' : author.context.userId;
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
  const others = author === undefined ? [] : otherOutcome(author, data.success ? data.output.value : undefined, kind);
  if (data.success && others.length === 0) return `${tool.name} ${Math.round(response.ms)} ms`;
  if (author?.fails === kind) return `${tool.name} fails with ${kind} as ${given} says`;
  if (data.success) {
    const what = `The tool ${tool.name} of ${name} answers ${given} otherwise than it says: ${firstFew(others)}`;
    const fix = `the image was built from other sources, or the tool depends on where it runs: npm run verify -- ${target.words} --kubectl`;
    throw new Problem('TOOL-FAILS', what, { path, fix });
  }
  // A tool may rightly refuse placeholder inputs; that it answers proves the way there and back.
  const isDefect = given !== undefined || /_FATAL$|_BAD_OUTPUT_VALUE$/.test(kind);
  if (!isDefect) return `${tool.name} answers ${kind} to placeholder inputs`;
  const what = `The tool ${tool.name} of ${name} fails on ${given ?? 'the smallest inputs that fit'}: ${message || kind}`;
  const fix = `see the log of the pod: kubectl -n ${name} logs deploy/${name}`;
  throw new Problem('TOOL-FAILS', what, { path, fix });
}

/** Where a call that went through differs from what its author says of it; a failure is told by its own words. */
function otherOutcome(author: OwnExample, value: unknown, kind: string): readonly string[] {
  if (author.fails !== undefined) return kind === author.fails ? [] : [`it succeeds instead of ${author.fails}`];
  return 'output' in author && value !== undefined ? jsonDiff(author.output, value, 'output') : [];
}
