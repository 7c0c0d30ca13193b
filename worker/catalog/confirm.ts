import type { DefinedTool } from './define-tool';

/** Whether a tool may ask the calling person. */
export function mayAsk({ asks = false, confirm = false }: Pick<DefinedTool, 'asks' | 'confirm'>): boolean {
  return asks || confirm !== false;
}

/** The most characters of arguments that a question shows. */
const maxShown = 600;
/** The characters shown of each argument, even if there are many. */
const minShown = 40;

/**
 * Wraps `run` so that it asks the person for confirmation first.
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
 * Shows arguments as JSON: without line breaks, an argument cannot imitate the question's own text. Each argument is
 * truncated separately, so that a long one cannot push another out of sight.
 */
function runWith(name: string, input: unknown): string {
  const given = Object.entries(input ?? {}).filter(([, value]) => value !== undefined);
  const members = given.map((member) => member.map((part) => visible(JSON.stringify(part) ?? 'null')));
  if (members.length === 0) return `Run ${name}?`;
  const each = Math.max(Math.floor(maxShown / members.length), minShown);
  const shown = members.map(([key = '', value = '']) => `${key}:${shortened(value, each - key.length)}`);
  return `Run ${name} with {${shown.join(',')}}?`;
}

/** Escapes characters that JSON does not: line separators, invisible characters and bidirectional overrides. */
function visible(json: string): string {
  return json.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (letter) =>
    Array.from({ length: letter.length }, (_, at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  );
}

function shortened(json: string, length: number): string {
  const shown = Math.max(length, minShown);
  return json.length > shown ? `${json.slice(0, shown)}… (${json.length - shown} more characters)` : json;
}
