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
export type { LogFields, LogLevel } from './said';
export * from './tool-errors';

/** What a model or a person may expect of a call. Clients see only what is given. */
export interface Behavior {
  /** What is done to the data behind the tool. */
  readonly operations?: readonly ('read' | 'create' | 'update' | 'delete' | 'opaque')[];
  /** Nothing is changed. Contradicts every operation but `read`. */
  readonly readOnly?: boolean;
  /** Something may be lost. `delete` contradicts false. */
  readonly destructive?: boolean;
  /** Calling twice is the same as calling once. */
  readonly idempotent?: boolean;
  /** The tool reaches beyond this server. A service domain contradicts false. */
  readonly openWorld?: boolean;
}

/** What the engine has to collect before it calls. It enforces this; the worker's engine routes do not. */
export interface Requirements {
  /** Keys of secrets. @default - none */
  readonly secrets?: readonly string[];
  /** An OAuth token: of a well-known provider, or of one configured in the dashboard under an id. @default - none */
  readonly authorization?:
    | { readonly provider: Provider; readonly scopes?: readonly string[] }
    | { readonly id: string; readonly scopes?: readonly string[] };
  /** Facts about the caller's set-up. `client_id` needs an authorization. @default - none */
  readonly metadata?: readonly ('client_id' | 'coordinator_url')[];
}

/** Who calls in an example, and with what. */
export interface ExampleContext {
  readonly userId?: string;
  readonly token?: string;
  /** By key, such as `{ API_KEY: 'abc' }`. */
  readonly secrets?: Readonly<Record<string, string>> | Lookup['entries'];
  readonly metadata?: Readonly<Record<string, string>> | Lookup['entries'];
  /** What the person answers, question by question. @default - yes to whether the tool shall run, and nothing else */
  readonly answers?: readonly (Readonly<Record<string, unknown>> | 'decline' | 'cancel')[];
}

/**
 * One call with its outcome: documentation for people, and a test. The output is exact; what is another one each time is
 * written with `like`.
 */
export type Example<Input, Output> = {
  readonly input: Input;
  /** @default - an anonymous caller */
  readonly context?: ExampleContext;
  /**
   * Answers every `fetch` of the tool in place of the network, such as `() => Response.json({ temperature: 21 })`.
   * @default - the real one
   */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
} & ({ readonly output: Output } | { readonly fails: FailureKind });

/** What reaches the caller: nothing declared is `{}`, and null is empty text (arcade-mcp-server 1.26.0). */
type Sent<Output extends z.ZodType> = Output extends z.ZodVoid
  ? Readonly<Record<string, never>>
  : null extends z.output<Output>
    ? z.output<Output> | ''
    : z.output<Output>;

/** What a tool author writes. The file's name is the tool's name. */
export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodType> {
  /** What the tool does, for a model that has to choose. Never empty. */
  readonly description: string;
  /** The parameters, each described. A parameter with `.meta({ inferrable: false })` is not to be guessed by a model. */
  readonly input: Input;
  /** The result, at most 1 MiB of JSON. @default - the tool has none */
  readonly output?: Output;
  /** At least one. */
  readonly examples: readonly Example<z.input<Input>, Sent<Output>>[];
  /** @default - nothing */
  readonly requires?: Requirements;
  /**
   * How long one call may take, in whole seconds, at most 300. Then the caller gets a failed call and `context.signal` is
   * aborted; progress neither ends a call nor prolongs it. The ingress and the engine's registration follow the longest of
   * a server's tools. MCP clients have limits of their own, often 60 s.
   * @default - 30
   */
  readonly timeoutSeconds?: number;
  /**
   * How often the engine may try a call again that brought no answer, at most 10. For tools that may run twice without
   * harm; an engine has one number for all tools of a server, so the smallest counts.
   * @default - 0
   */
  readonly retries?: number;
  /**
   * Asks the person before the tool runs, with its name and what it gets, or in words of its own. Who says no, or cannot be
   * asked, gets a failed call, and nothing has run; over the engine nobody can be asked. Contradicts read only.
   * @default - it runs at once
   */
  readonly confirm?: boolean | ((input: z.output<Input>) => string);
  /**
   * Whether the tool may ask the person by `context.ask`. Proxies then wait as long as a person may take, five minutes a
   * question, beside the tool's own time. `confirm` needs no `asks`.
   * @default - `context.ask` throws
   */
  readonly asks?: boolean;
  /** Whether MCP clients that ask for it hear what the tool says by `context.log`. @default - the worker's log alone */
  readonly logs?: boolean;
  /** What to use instead. The tool keeps working, with a warning. @default - not deprecated */
  readonly deprecated?: string;
  /** @default - not said */
  readonly behavior?: Behavior;
  /** The kinds of service the tool talks to. @default - not said */
  readonly serviceDomains?: readonly ServiceDomain[];
  /** Any JSON for readers of the catalogue. @default - none */
  readonly extras?: Readonly<Record<string, unknown>>;
  /**
   * The page that hosts show with its results: the name of a resource of HTML under `ui://` (MCP Apps 2026-01-26). A host that
   * shows no pages goes on with the result alone.
   * @default - none
   */
  readonly ui?: string;
  /** Place in the catalogue, lowest first. @default - after those that have one, by name */
  readonly order?: number;
  /**
   * Implements the tool. What it throws becomes a failed call; what it needs from the world is in the context. Whatever it
   * returns that has a `then` is awaited, such as a query of a database client.
   */
  // `null` compiles for every result, and is a failed call unless the schema allows it: whoami has no user to name.
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

/** What is wrong with the fields of a definition, one sentence each: the bundle is made without the compiler. */
export function fieldErrors(definition: object): readonly string[] {
  const unknown = Object.keys(definition).filter((field) => !Object.hasOwn(fields, field));
  return unknown.map((field) => `there is no field "${field}"; the fields are ${Object.keys(fields).join(', ')}`);
}

/** A definition without its type parameters: what the catalogue handles. */
export interface DefinedTool extends Omit<ToolDefinition<z.ZodObject, z.ZodType>, 'run' | 'examples' | 'confirm'> {
  readonly examples: readonly Example<unknown, unknown>[];
  readonly confirm?: boolean | ((input: unknown) => string);
  readonly run: (input: unknown, context: ToolContext) => unknown;
}

const defined = new WeakSet<object>();

/** Whether a value, such as a file's default export, came out of `defineTool`. */
export function isDefinedTool(value: unknown): value is DefinedTool {
  return typeof value === 'object' && value !== null && defined.has(value);
}

/** Declares a tool. The types of `run` and of the examples follow from the schemas. */
export function defineTool<const Input extends z.ZodObject, Output extends z.ZodType = z.ZodVoid>(
  definition: ToolDefinition<Input, Output>,
): DefinedTool {
  const { run, confirm, ...rest } = definition;
  const tool: DefinedTool = Object.freeze({
    ...rest,
    // The catalogue calls both only with what the reader made of the same schema, which the compiler cannot follow.
    ...(confirm === undefined ? {} : { confirm: confirm as NonNullable<DefinedTool['confirm']> }),
    run: run as DefinedTool['run'],
  });
  defined.add(tool);
  return tool;
}
