import { NotAnsweredError } from './asking';
import { call, type ToolOutcome } from './call';
import { CallContext, type Lookup, type Reach } from './context';
import type { Example, ExampleContext } from './define-tool';
import { matched } from './like';
import { withFakes } from './fakes';
import type { Tool } from './tool';

/** What an example says and what its call brought, in one form: equal when the tool does what the example says. */
export interface Judged {
  readonly expected: unknown;
  readonly received: unknown;
}

/** Runs an example. Where it has a `fetch`, that stands for the whole of the network meanwhile. */
export async function judge(tool: Tool, example: Example<unknown, unknown>): Promise<Judged> {
  const outcome = await withFakes({ fetch: example.fetch }, () =>
    call(tool, example.input, new CallContext(detailsOf(example.context ?? {}))),
  );
  const received = outcome.ok ? { output: outcome.value } : failureOf(outcome, tool, example);
  if (!('fails' in example)) return { expected: { output: matched(example.output, received.output) }, received };
  // Its words belong to the kind that is expected.
  const isExpected = received.fails === example.fails;
  return { expected: isExpected ? received : { fails: example.fails }, received };
}

interface Received {
  readonly output?: unknown;
  readonly fails?: string;
  readonly message?: string;
  /** What the tool itself threw, and what may have made it. */
  readonly because?: readonly string[];
}

function failureOf(
  { failure, cause }: ToolOutcome & { ok: false },
  { definition }: Tool,
  example: Example<unknown, unknown>,
): Received {
  const { requires = {} } = definition;
  const given = detailsOf(example.context ?? {});
  const keys = new Set(given.secrets.map(({ key }) => key.toLowerCase()));
  const missing = (requires.secrets ?? []).filter((key) => !keys.has(key.toLowerCase()));
  const because = [
    ...(failure.developer_message === null ? [] : [failure.developer_message]),
    ...(cause instanceof Error && cause.stack !== undefined ? [cause.stack] : []),
    ...missing.map((key) => `the example has no secret "${key}"; write context: { secrets: { ${key}: '…' } }`),
    ...(requires.authorization !== undefined && given.token === undefined
      ? ["the example has no token; write context: { token: '…' }"]
      : []),
  ];
  return { fails: failure.kind, message: failure.message, ...(because.length === 0 ? {} : { because }) };
}

/** The context of an example as a call takes it. */
export function detailsOf({ secrets = {}, metadata = {}, answers = [], ...rest }: ExampleContext) {
  return { ...rest, secrets: entriesOf(secrets), metadata: entriesOf(metadata), reach: () => answering(answers) };
}

/** A person who answers what the example says, and otherwise agrees to whatever has nothing to fill in. */
function answering(answers: NonNullable<ExampleContext['answers']>): Reach {
  const left = [...answers];
  return {
    log: () => undefined,
    ask({ message, requestedSchema }) {
      const answer = left.shift() ?? (Object.keys(requestedSchema.properties).length === 0 ? {} : undefined);
      if (answer === undefined) {
        const way = 'write context: { answers: [{ … }] }';
        throw new NotAnsweredError('unreachable', `the example has no answer to "${message}"; ${way}`);
      }
      return typeof answer === 'string' ? { action: answer } : { action: 'accept', content: answer };
    },
  };
}

function entriesOf(values: NonNullable<ExampleContext['secrets']>): Lookup['entries'] {
  // A guard of readonly arrays, which Array.isArray is not.
  if (isList(values)) return values;
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function isList(values: NonNullable<ExampleContext['secrets']>): values is Lookup['entries'] {
  return Array.isArray(values);
}
