import { call } from '../../worker/catalog/call';
import { CallContext } from '../../worker/catalog/context';
import { defineTool, z } from '../../worker/catalog/define-tool';
import { loadCatalog } from '../../worker/catalog/load';
import type { Tool } from '../../worker/catalog/tool';
import { WrittenResult } from '../../worker/mcp/eras';
import type { McpCall } from '../../worker/mcp/service';
import { recordedToolkit } from '../exchanges/recorded';
import { toolServiceOf } from './mcp-server';
import { clientValidators, fitsEngine, schemaIssuesOf, type Validator } from './schema-validators';

/** A schema to probe. */
export interface Probed {
  readonly schema: z.ZodType;
  /** Whether JSON Schema can express all of its rules. */
  readonly isExpressible: boolean;
}

/**
 * Checks that all validators of a schema agree: zod, our reader, MCP clients and the engine's models. Defines two
 * tools, one with the schema as input and one with it as output.
 */
export class SchemaProbe {
  readonly #probed: Probed;
  readonly #takes: Tool;
  readonly #gives: Tool;
  readonly #input: z.ZodType;
  readonly #inputValidators: readonly Validator[];
  readonly #resultValidators: readonly Validator[];
  readonly #callGives: () => Promise<Readonly<Record<string, unknown>>>;
  #result: unknown;

  /** @throws Error if the schema cannot be loaded, or a client or the engine cannot read its JSON Schema */
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
    this.#inputValidators = clientValidators(this.#takes.mcp.inputSchema);
    this.#resultValidators = clientValidators(found(this.#gives.mcp.outputSchema));
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

  /** Validates an input with all of them. Returns whether the tool would receive it. @param input may lack `v` */
  takes(input: { readonly v?: unknown }): boolean {
    const { schema, isExpressible } = this.#probed;
    const parsed = this.#input.safeParse(input);
    const isLeftOut = input.v === undefined && schema.safeParse(null).success;
    const read = this.#takes.readInputs(input);
    // Our reader rejects numbers in free objects that JSON.parse rounds or cannot represent; zod does not check them there.
    this.#agree(read.ok, (parsed.success || isLeftOut) && !isRounded(input.v), 'the reader and zod', input);
    if (read.ok && parsed.success) this.#agree(json(read.value), json(parsed.data), 'what the tool receives', input);
    const fits = this.#inputValidators.map((isValid) => isValid(input));
    this.#agree(new Set(fits).size, 1, 'clients with each other', input);
    // The schema of a nullable parameter does not include null, as in the reference.
    if (input.v === null) return read.ok;
    if (read.ok || isExpressible) this.#agree(fits[0], read.ok, 'a client and the reader', input);
    const { value_schema: engineSchema } = found(this.#takes.engine.input.parameters[0]);
    if (read.ok && input.v !== undefined)
      this.#agree(fitsEngine(engineSchema, input.v), true, 'the engine and the reader', input);
    return read.ok;
  }

  /** Validates a result with all of them. Returns whether clients receive it. */
  async gives(result: unknown): Promise<boolean> {
    this.#result = result;
    const parsed = this.#probed.schema.safeParse(result);
    const outcome = await call(this.#gives, {}, new CallContext({}));
    const { isError, structuredContent } = await this.#callGives();
    if (parsed.success) {
      this.#agree([outcome.ok, isError], [true, false], 'the reader and zod', result);
      const wanted = parsed.data ?? '';
      this.#agree(json(outcome.ok && outcome.value), json(wanted), 'what the engine receives', result);
    }
    if (outcome.ok && outcome.value !== '' && outcome.value !== null) {
      this.#agree(fitsEngine(found(this.#gives.engine.output.value_schema), outcome.value), true, 'the engine', result);
    }
    if (isError) return false;
    const sent: unknown = JSON.parse(json(structuredContent));
    const fits = this.#resultValidators.map((isValid) => isValid(sent));
    this.#agree(fits, [true, true, true], 'clients', result);
    return true;
  }

  #agree(found: unknown, wanted: unknown, who: string, value: unknown): void {
    if (json(found) === json(wanted)) return;
    const schemas = json([this.#takes.mcp.inputSchema, this.#gives.mcp.outputSchema]);
    throw new Error(
      `${who}: found ${json(found)}, wanted ${json(wanted)}, for ${json(value)}; the schemas are ${schemas}`,
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
