import type { Catalog } from '../catalog/load';
import { survivesJson } from '../catalog/published';
import type { Tool } from '../catalog/tool';
import { givenIn, missingVariables, needsOf } from './given';

/** A call of a tool as its author shows it in an example. Can be sent to another process as JSON. */
export interface ExampleCall {
  /** The tool's name in the source. */
  readonly tool: string;
  readonly input: object;
  /** As in the engine's catalogue. */
  readonly parameters: Tool['engine']['input']['parameters'];
  /** The variables with the secrets and the token that the tool requires. */
  readonly variables: readonly string[];
}

/**
 * The first example that succeeds of the last tool in the catalogue, or of the last one that requires nothing.
 * @returns undefined when there is none; examples of tools that ask a person do not count, because the engine cannot ask
 */
export function exampleCall({ tools }: Pick<Catalog, 'tools'>): ExampleCall | undefined {
  const calls = tools.flatMap((tool) => (tool.mayAsk ? [] : callOf(tool)));
  return calls.findLast(({ variables }) => variables.length === 0) ?? calls.at(-1);
}

function callOf({ name, definition, engine }: Tool): readonly ExampleCall[] {
  const example = definition.examples.find((each) => !('fails' in each) && survivesJson(each.input));
  const input = example?.input;
  if (typeof input !== 'object' || input === null) return [];
  const variables = missingVariables(needsOf(definition.requires ?? {}), givenIn({}));
  return [{ tool: name, input, parameters: engine.input.parameters, variables }];
}
