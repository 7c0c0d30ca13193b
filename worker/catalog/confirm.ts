import type { DefinedTool } from './define-tool';

/** Whether a tool may ask the person who calls it. */
export function mayAsk({ asks = false, confirm = false }: Pick<DefinedTool, 'asks' | 'confirm'>): boolean {
  return asks || confirm !== false;
}

/** The longest part of a question that shows what a tool gets. */
const maxShown = 600;
/** What is shown of each argument, however many there are. */
const leastShown = 40;

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

/**
 * JSON has no line breaks with which an argument could pass for more of the question. Each argument is shortened by itself: a
 * long one must not push another out of sight.
 */
function runWith(name: string, input: unknown): string {
  const given = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  const members = given.map((member) => member.map((part) => visible(JSON.stringify(part) ?? 'null')));
  if (members.length === 0) return `Run ${name}?`;
  const each = Math.max(Math.floor(maxShown / members.length), leastShown);
  const shown = members.map(([key = '', value = '']) => `${key}:${shortened(value, each - key.length)}`);
  return `Run ${name} with {${shown.join(',')}}?`;
}

/** Separators of lines that JSON lets through, and letters that are not seen or turn the order of others around. */
function visible(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
    Array.from({ length: letter.length }, (_, at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
}

function shortened(json: string, length: number): string {
  const shown = Math.max(length, leastShown);
  return json.length > shown ? `${json.slice(0, shown)}… (${json.length - shown} letters more)` : json;
}
