import type { DefinedTool } from './define-tool';

/** The longest part of a question that shows what a tool gets. */
const maxShown = 600;

/**
 * The same `run`, before which the person is asked whether it shall. Nothing of the tool has run by then.
 * @param name of the tool, as people see it
 */
export function confirmed(definition: DefinedTool, name: string): DefinedTool['run'] {
  const { confirm = false, description, run } = definition;
  if (confirm === false) return run;
  const question = confirm === true ? (input: unknown) => `${runWith(name, input)}\n\n${description}` : confirm;
  return async (input, context) => {
    await context.ask({}, question(input));
    return run(input, context);
  };
}

/** JSON has no line breaks with which an argument could pass for more of the question. */
function runWith(name: string, input: unknown): string {
  const json = JSON.stringify(input) ?? '{}';
  if (json === '{}') return `Run ${name}?`;
  const more = json.length - maxShown;
  return `Run ${name} with ${more > 0 ? `${json.slice(0, maxShown)}… (${more} letters more)` : json}?`;
}
