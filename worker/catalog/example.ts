import { NotAnsweredError } from './asking';
import { call, type ToolOutcome } from './call';
import { CallContext, type Channel, type Lookup } from './context';
import type { Example, ExampleContext } from './define-tool';
import { withFakes } from './fakes';
import { matched } from './like';
import type { Tool } from './tool';

/** The expected and the received outcome of an example. Equal if the example passes. */
export interface ExampleOutcome {
  readonly expected: unknown;
  readonly received: unknown;
}

/** Runs an example. If it has a `fetch`, that replaces the network. */
export async function runExample(tool: Tool, example: Example<unknown, unknown>): Promise<ExampleOutcome> {
  const outcome = await withFakes({ fetch: example.fetch }, () =>
    call(tool, example.input, new CallContext(detailsOf(example.context ?? {}))),
  );
  const received = outcome.ok ? { output: outcome.value } : failureOf(outcome, tool, example);
  if (!('fails' in example)) return { expected: { output: matched(example.output, received.output) }, received };
  // Only the kind is compared, not the message.
  const isExpected = received.fails === example.fails;
  return { expected: isExpected ? received : { fails: example.fails }, received };
}

interface Received {
  readonly output?: unknown;
  readonly fails?: string;
  readonly message?: string;
  /** The error that the tool threw, and likely causes. */
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

/** Converts the context of an example to the details of a call. */
export function detailsOf({ secrets = {}, metadata = {}, answers = [], ...rest }: ExampleContext) {
  return { ...rest, secrets: entriesOf(secrets), metadata: entriesOf(metadata), channel: () => answering(answers) };
}

/** A fake person who gives the example's answers, and accepts any further question without fields. */
function answering(answers: NonNullable<ExampleContext['answers']>): Channel {
  const left = [...answers];
  return {
    log: () => undefined,
    ask({ message, requestedSchema }) {
      const answer = left.shift() ?? (Object.keys(requestedSchema.properties).length === 0 ? {} : undefined);
      if (answer === undefined) {
        const fix = 'write context: { answers: [{ … }] }';
        throw new NotAnsweredError('unreachable', `the example has no answer to "${message}"; ${fix}`);
      }
      return typeof answer === 'string' ? { action: answer } : { action: 'accept', content: answer };
    },
  };
}

function entriesOf(values: NonNullable<ExampleContext['secrets']>): Lookup['entries'] {
  // Array.isArray does not narrow readonly arrays.
  if (isList(values)) return values;
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function isList(values: NonNullable<ExampleContext['secrets']>): values is Lookup['entries'] {
  return Array.isArray(values);
}
