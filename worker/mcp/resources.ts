import { cannotAsk } from '../catalog/asking';
import type { Channel } from '../catalog/context';
import type { Contents, Resource } from '../catalog/resource';
import type { Resources } from '../catalog/resources';
import { timeLimitOf } from '../catalog/time-limit';
import { ToolError } from '../catalog/tool-errors';
import { constantResult } from './eras';
import { codes, RpcError } from './protocol';
import { refusalFor } from './refusal';
import { cacheHints, type McpCall, type McpMethod, type McpResult, type McpService } from './service';
import type { ToolDependencies } from './tool-dependencies';
import { contextOf, userIdOf } from './tools';

/** Adds resources to a service. Without any resource it returns the service unchanged, so the capability is not announced. */
export function withResources(service: McpService, resources: Resources, dependencies: ToolDependencies): McpService {
  const { fixed, templates, find } = resources;
  if (fixed.length + templates.length === 0) return service;
  const entriesOf = (list: readonly Resource[]) => list.map(({ entry }) => entry);
  const [listed, listedTemplates] = [
    constantResult({ resources: entriesOf(fixed) }),
    constantResult({ resourceTemplates: entriesOf(templates) }),
  ];
  const constants = new Map(fixed.flatMap((resource) => constantOf(resource)));
  const own: readonly [string, McpMethod][] = [
    ['resources/list', () => listed],
    ['resources/templates/list', () => listedTemplates],
    ['resources/read', (call) => read(resources, constants, dependencies, call)],
  ];
  return {
    ...service,
    capabilities: { ...service.capabilities, resources: {} },
    methods: new Map([...service.methods, ...own]),
    modern: {
      capabilities: { ...service.modern.capabilities, resources: {} },
      methods: new Set([...service.modern.methods, ...own.map(([method]) => method)]),
    },
    timeLimitOf(request) {
      if (request.method !== 'resources/read') return service.timeLimitOf?.(request);
      const found = find(String(request.params.uri));
      return found && timeLimitOf(found.resource.definition);
    },
  };
}

function constantOf(resource: Resource): readonly (readonly [string, McpResult])[] {
  const { uri, contents, hints, needsCredentials } = resource;
  if (contents === undefined || needsCredentials) return [];
  return [[uri, constantResult(resultWith(contents, hints))]];
}

function read(
  { find }: Resources,
  constants: ReadonlyMap<string, McpResult>,
  dependencies: ToolDependencies,
  call: McpCall,
): McpResult | Promise<McpResult> {
  const { uri } = call.params;
  if (typeof uri !== 'string') throw new RpcError(codes.invalidParams, 'Invalid params: "uri" must be text');
  const constant = constants.get(uri);
  if (constant !== undefined) return constant;
  const found = find(uri);
  if (found === undefined) throw unknown(uri, call);
  const { resource, variables } = found;
  const refusal = resource.needsCredentials
    ? refusalFor(`read "${uri}"`, resource.definition.requires ?? {}, call, dependencies)
    : undefined;
  if (refusal !== undefined) throw new RpcError(codes.invalidRequest, refusal.message);
  if (resource.contents !== undefined) return resultWith(resource.contents, resource.hints);
  return generate(resource, uri, variables, dependencies, call);
}

async function generate(
  resource: Resource,
  uri: string,
  variables: unknown,
  dependencies: ToolDependencies,
  call: McpCall,
): Promise<McpResult> {
  const { logToolLine, tracing } = dependencies;
  const channel = (): Channel => ({
    ask: cannotAsk('a resource cannot ask questions'),
    log: (line) => logToolLine({ resource: resource.uri }, line, call.from.requestId),
    trace: tracing?.fetch,
  });
  const context = contextOf(resource, userIdOf(call, dependencies), dependencies, call, channel);
  try {
    const contents = await resource.read(uri, variables, context);
    if (contents === undefined) throw unknown(uri, call);
    return resultWith(contents, resource.hints);
  } catch (error) {
    // A ToolError is the author's message to the caller. Any other error is a defect and goes only to the log.
    throw error instanceof ToolError ? new RpcError(codes.internal, error.message) : error;
  }
}

function resultWith(contents: Contents, hints: Resource['hints']): McpResult {
  return { contents: [contents], [cacheHints]: hints };
}

/** The error for an unknown resource. 2026-07-28 replaced its dedicated code (SEP-2164). */
function unknown(uri: string, { era }: McpCall): RpcError {
  const code = era === 'modern' ? codes.invalidParams : codes.resourceNotFound;
  return new RpcError(code, `Resource not found: ${uri}`, { uri });
}
