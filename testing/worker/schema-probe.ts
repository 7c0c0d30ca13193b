import { call } from '../../worker/catalog/call';
import { CallContext } from '../../worker/catalog/context';
import { defineTool, z } from '../../worker/catalog/define-tool';
import { loadCatalog } from '../../worker/catalog/load';
import type { Tool } from '../../worker/catalog/tool';
import { WrittenResult } from '../../worker/mcp/eras';
import type { McpCall } from '../../worker/mcp/service';
import { recordedToolkit } from '../exchanges/recorded';
import { toolServiceOf } from './mcp-server';
import { clientValidators, fitsEngine, type Judge, schemaIssuesOf } from './schema-validators';

/** What is known of a schema beside itself. */
export interface Probed {
  readonly schema: z.ZodType;
  /** Whether JSON Schema can tell all of its rules. */
  readonly isExpressible: boolean;
}

/**
 * Two tools of one schema, one that takes it and one that gives it, and everybody who judges their values: zod, the reader,
 * clients, the engine's models.
 */
export class SchemaProbe {
  readonly #probed: Probed;
  readonly #takes: Tool;
  readonly #gives: Tool;
  readonly #input: z.ZodType;
  readonly #inputJudges: readonly Judge[];
  readonly #resultJudges: readonly Judge[];
  readonly #callGives: () => Promise<Readonly<Record<string, unknown>>>;
  #result: unknown;

  /** @throws Error when the schema does not load, or somebody cannot read what is told of it */
  constructor(probed: Probed) {
    this.#probed = probed;
    const input = z.strictObject({ v: probed.schema.describe('A value.') });
    const shared = { description: 'Probe.', examples: [{ input: {}, fails: 'TOOL_RUNTIME_FATAL' }] } as const;
    const takes = { ...shared, input, run: () => null };
    const gives = { ...shared, input: z.strictObject({}), output: probed.schema, run: () => this.#result };
    const tools = new Map([
      ['takes', defineTool<z.ZodObject>(takes)],
      ['gives', defineTool<z.ZodObject, z.ZodType>(gives)],
    ]);
    const catalog = loadCatalog(recordedToolkit, tools);
    this.#input = input;
    this.#takes = found(catalog.find('Takes', catalog.toolkit.name));
    this.#gives = found(catalog.find('Gives', catalog.toolkit.name));
    this.#inputJudges = clientValidators(this.#takes.mcp.inputSchema);
    this.#resultJudges = clientValidators(found(this.#gives.mcp.outputSchema));
    const service = toolServiceOf(tools);
    const toolCall = found(service.methods.get('tools/call'));
    this.#callGives = async () => {
      const result = await toolCall({ ...anyCall, params: { name: this.#gives.mcpName } });
      return result instanceof WrittenResult ? JSON.parse(`{${result.members}}`) : result;
    };
    const schemas = [
      found(this.#takes.engine.input.parameters[0]).value_schema,
      this.#gives.engine.output.value_schema,
    ];
    for (const schema of schemas) this.#agree(schemaIssuesOf(found(schema)), [], 'the engine reads its entry', schema);
  }

  /** Has everybody judge an input, which may lack `v`. Returns whether the tool would get it. */
  takes(input: { readonly v?: unknown }): boolean {
    const { schema, isExpressible } = this.#probed;
    const judged = this.#input.safeParse(input);
    const isLeftOut = input.v === undefined && schema.safeParse(null).success;
    const read = this.#takes.readInputs(input);
    // What JSON.parse has rounded, or has no number for, is refused in free objects: zod does not look at it there.
    this.#agree(read.ok, (judged.success || isLeftOut) && !isRounded(input.v), 'the reader and zod', input);
    if (read.ok && judged.success) this.#agree(json(read.value), json(judged.data), 'what the tool gets', input);
    const fits = this.#inputJudges.map((judge) => judge(input));
    this.#agree(new Set(fits).size, 1, 'clients among themselves', input);
    // A parameter that may be null is told without it, as the reference does.
    if (input.v === null) return read.ok;
    if (read.ok || isExpressible) this.#agree(fits[0], read.ok, 'a client and the reader', input);
    const { value_schema: told } = found(this.#takes.engine.input.parameters[0]);
    if (read.ok && input.v !== undefined)
      this.#agree(fitsEngine(told, input.v), true, 'the engine and the reader', input);
    return read.ok;
  }

  /** Has everybody judge a result. Returns whether clients get it. */
  async gives(result: unknown): Promise<boolean> {
    this.#result = result;
    const judged = this.#probed.schema.safeParse(result);
    const outcome = await call(this.#gives, {}, new CallContext({}));
    const { isError, structuredContent } = await this.#callGives();
    if (judged.success) {
      this.#agree([outcome.ok, isError], [true, false], 'the reader and zod', result);
      const wanted = judged.data ?? '';
      this.#agree(json(outcome.ok && outcome.value), json(wanted), 'what the engine gets', result);
    }
    if (outcome.ok && outcome.value !== '' && outcome.value !== null) {
      this.#agree(fitsEngine(found(this.#gives.engine.output.value_schema), outcome.value), true, 'the engine', result);
    }
    if (isError) return false;
    const sent: unknown = JSON.parse(json(structuredContent));
    const fits = this.#resultJudges.map((judge) => judge(sent));
    this.#agree(fits, [true, true, true], 'clients', result);
    return true;
  }

  #agree(found: unknown, wanted: unknown, who: string, value: unknown): void {
    if (json(found) === json(wanted)) return;
    const told = json([this.#takes.mcp.inputSchema, this.#gives.mcp.outputSchema]);
    throw new Error(
      `${who}: found ${json(found)}, wanted ${json(wanted)}, for ${json(value)}; clients are told ${told}`,
    );
  }
}

function isRounded(value: unknown, isFree = false): boolean {
  if (typeof value === 'number') return isFree && !Number.isSafeInteger(value) && Number.isInteger(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) => isRounded(member, isFree || key.startsWith('free')));
}

const anyCall: McpCall = {
  era: 'handshake',
  revision: '2025-11-25',
  params: {},
  from: { caller: undefined, requestId: 'probe', headers: {} },
  signal: new AbortController().signal,
  notify: () => {},
};

function json(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}

function found<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('The probe has no such part');
  return value;
}
