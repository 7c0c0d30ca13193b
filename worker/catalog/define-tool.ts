import type { z } from 'zod';
import type { Lookup, ToolContext } from './context';
import type { Provider, ServiceDomain } from './engine-words';
import type { FailureKind } from './tool-errors';

export { z } from 'zod';
export { NotAnsweredError } from './asking';
export { audio, type ContentBlock, embedded, image, resourceLink, withContent } from './content';
export type { ToolContext } from './context';
export { defineResource } from './define-resource';
export { type Provider, providers, type ServiceDomain, serviceDomains } from './engine-words';
export type { FetchInit } from './fetch';
export { orUpstreamError } from './http-failures';
export { like } from './like';
export type { LogFields, LogLevel } from './log-line';
export * from './tool-errors';

/** Hints to models and people about the effect of a call. Clients get only the ones that are set. */
export interface Behavior {
  /** What the tool does to the data behind it. */
  readonly operations?: readonly ('read' | 'create' | 'update' | 'delete' | 'opaque')[];
  /** The tool changes nothing. Contradicts every operation but `read`. */
  readonly readOnly?: boolean;
  /** The tool may destroy data. The operation `delete` contradicts false. */
  readonly destructive?: boolean;
  /** Calling twice has the same effect as calling once. */
  readonly idempotent?: boolean;
  /** The tool talks to systems beyond this server. A service domain contradicts false. */
  readonly openWorld?: boolean;
}

/** What the engine must collect before a call. The engine enforces it; the worker's engine routes do not. */
export interface Requirements {
  /** Keys of secrets. @default - none */
  readonly secrets?: readonly string[];
  /** An OAuth token from a well-known provider, or from one configured in the dashboard under an id. @default - none */
  readonly authorization?:
    | { readonly provider: Provider; readonly scopes?: readonly string[] }
    | { readonly id: string; readonly scopes?: readonly string[] };
  /** Facts about the caller's setup. `client_id` needs an authorization. @default - none */
  readonly metadata?: readonly ('client_id' | 'coordinator_url')[];
}

/** The caller of an example and what the call carries. */
export interface ExampleContext {
  readonly userId?: string;
  readonly token?: string;
  /** By key, such as `{ API_KEY: 'abc' }`. */
  readonly secrets?: Readonly<Record<string, string>> | Lookup['entries'];
  readonly metadata?: Readonly<Record<string, string>> | Lookup['entries'];
  /** The person's answers, in the order of the questions. @default - a confirmation is accepted; no other question is answered */
  readonly answers?: readonly (Readonly<Record<string, unknown>> | 'decline' | 'cancel')[];
}

/**
 * One call with its expected outcome: documentation and a test. The output must match exactly; use `like` for values that
 * change from run to run.
 */
export type Example<Input, Output> = {
  readonly input: Input;
  /** @default - an anonymous caller */
  readonly context?: ExampleContext;
  /**
   * Answers every `fetch` of the tool instead of the network, such as `() => Response.json({ temperature: 21 })`.
   * @default - the real `fetch`
   */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
} & ({ readonly output: Output } | { readonly fails: FailureKind });

/** The value that reaches the caller: `{}` when no output is declared, an empty string for null (arcade-mcp-server 1.26.0). */
type Sent<Output extends z.ZodType> = Output extends z.ZodVoid
  ? Readonly<Record<string, never>>
  : null extends z.output<Output>
    ? z.output<Output> | ''
    : z.output<Output>;

/** What a tool author writes. The file name is the tool name. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> {
  /** What the tool does. Models choose a tool by this text. Never empty. */
  readonly description: string;
  /** The parameters, each with a description. `.meta({ inferrable: false })` tells models not to guess a value. */
  readonly input: Input;
  /** The result, at most 1 MiB of JSON. @default - no result */
  readonly output?: Output;
  /** At least one. */
  readonly examples: readonly Example<z.input<Input>, Sent<Output>>[];
  /** @default - nothing */
  readonly requires?: Requirements;
  /**
   * How long one call may take, in whole seconds, at most 300. At the limit the caller gets a failed call and
   * `context.signal` is aborted; progress does not extend it. The ingress and the engine's registration use the longest
   * limit among a server's tools. MCP clients have their own limits, often 60 s.
   * @default - 30
   */
  readonly timeoutSeconds?: number;
  /**
   * How often the engine may retry a call that got no response, at most 10. Only for idempotent tools. An engine has one
   * number for all tools of a server, so the smallest wins.
   * @default - 0
   */
  readonly retries?: number;
  /**
   * Asks the person before the tool runs. `true` asks with the tool's name and arguments; a function writes its own question.
   * A person who declines, or cannot be asked, gets a failed call, and nothing has run. The engine cannot ask. Contradicts
   * `readOnly`.
   * @default - the tool runs without asking
   */
  readonly confirm?: boolean | ((input: z.output<Input>) => string);
  /**
   * Whether the tool may ask the person with `context.ask`. Proxies then wait five minutes longer, which is how long a person
   * may take to answer. Not needed for `confirm`.
   * @default - `context.ask` throws
   */
  readonly asks?: boolean;
  /** Whether `context.log` also goes to MCP clients that request it. @default - only to the worker's log */
  readonly logs?: boolean;
  /** What to use instead. The tool keeps working, with a warning. @default - not deprecated */
  readonly deprecated?: string;
  /** @default - no hints */
  readonly behavior?: Behavior;
  /** The kinds of service the tool talks to. @default - none */
  readonly serviceDomains?: readonly ServiceDomain[];
  /** Any JSON for readers of the catalogue. @default - none */
  readonly extras?: Readonly<Record<string, unknown>>;
  /**
   * The page that hosts show with the results: the name of an HTML resource under `ui://` (MCP Apps 2026-01-26). Hosts without
   * support for pages show only the result.
   * @default - none
   */
  readonly ui?: string;
  /** Position in the catalogue, lowest first. @default - after the tools that have one, by name */
  readonly order?: number;
  /**
   * Implements the tool. Anything it throws becomes a failed call. Everything it needs from outside is in the context.
   * Any thenable it returns, such as a database client's query, is awaited.
   */
  // `null` compiles for every result type but fails the call unless the schema allows it: whoami has no user to name.
  run(input: z.output<Input>, context: ToolContext): z.input<Output> | null | PromiseLike<z.input<Output> | null>;
}

const fields: Readonly<Record<keyof ToolDefinition<z.ZodObject, z.ZodType>, true>> = {
  description: true,
  input: true,
  output: true,
  examples: true,
  requires: true,
  timeoutSeconds: true,
  retries: true,
  confirm: true,
  asks: true,
  logs: true,
  deprecated: true,
  behavior: true,
  serviceDomains: true,
  extras: true,
  ui: true,
  order: true,
  run: true,
};

/** Errors for unknown fields, one sentence each. The bundler does not type-check, so this runs at load time. */
export function fieldErrors(definition: object): readonly string[] {
  const unknown = Object.keys(definition).filter((field) => !Object.hasOwn(fields, field));
  return unknown.map((field) => `there is no field "${field}"; the fields are ${Object.keys(fields).join(', ')}`);
}

/** A definition without its type parameters, as the catalogue handles it. */
export interface DefinedTool extends Omit<ToolDefinition<z.ZodObject, z.ZodType>, 'run' | 'examples' | 'confirm'> {
  readonly examples: readonly Example<unknown, unknown>[];
  readonly confirm?: boolean | ((input: unknown) => string);
  readonly run: (input: unknown, context: ToolContext) => unknown;
}

const defined = new WeakSet<object>();

/** Whether a value, such as a file's default export, is the result of `defineTool`. */
export function isDefinedTool(value: unknown): value is DefinedTool {
  return typeof value === 'object' && value !== null && defined.has(value);
}

/** Declares a tool. The types of `run` and the examples are inferred from the schemas. */
export function defineTool<const Input extends z.ZodObject, Output extends z.ZodType = z.ZodVoid>(
  definition: ToolDefinition<Input, Output>,
): DefinedTool {
  const { run, confirm, ...rest } = definition;
  const tool: DefinedTool = Object.freeze({
    ...rest,
    // The catalogue calls both only with input parsed by the same schema, which the compiler cannot see.
    ...(confirm === undefined ? {} : { confirm: confirm as NonNullable<DefinedTool['confirm']> }),
    run: run as DefinedTool['run'],
  });
  defined.add(tool);
  return tool;
}
