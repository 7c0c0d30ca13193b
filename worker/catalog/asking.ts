import type { z } from 'zod';
import { type Answers, type Form, formOf, describeIssues } from './form';
import { ToolError } from './tool-errors';

/** What came back of a question: the filled-in form, or no. */
export type Answer =
  | { readonly action: 'accept'; readonly content?: unknown }
  | { readonly action: 'decline' | 'cancel' };

/**
 * How a call reaches the person who made it.
 * @param wrong what was wrong with the last answer to the same question. @default - it is asked for the first time
 * @throws NotAnsweredError when there is no way, Paused when the answer comes with another call
 */
export type Ask = (form: Form, wrong?: string) => Answer | Promise<Answer>;

/** Ends a run whose question goes out with the result: the tool runs again, from its start, when the answer is there. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** There is no answer: the person said no, closed the question, or could not be asked. Catch it to go on without one. */
export class NotAnsweredError extends ToolError {
  override readonly name = 'NotAnsweredError';
  constructor(
    readonly reason: keyof typeof ways,
    message: string,
  ) {
    const { kind, prompt } = ways[reason];
    super(kind, false, null, message, prompt === undefined ? {} : { additionalPromptContent: prompt });
  }
}

const ways = {
  declined: { kind: 'TOOL_RUNTIME_FATAL', prompt: 'The person said no. Do not call the tool again for the same.' },
  cancelled: {
    kind: 'TOOL_RUNTIME_CONTEXT_REQUIRED',
    prompt: 'The person closed the question without an answer. Call the tool again only when they ask for it.',
  },
  unreachable: {
    kind: 'TOOL_RUNTIME_CONTEXT_REQUIRED',
    prompt: 'Tell the user that this needs an MCP client that can show questions of a server (elicitation of forms).',
  },
} as const;

/** How often one question is put when its answers do not fit. */
const maxTries = 3;

/**
 * Asks until an answer fits.
 * @throws NotAnsweredError; ToolError when no answer fits; Paused; Error for what no form can hold
 */
export async function answersOf<Shape extends z.ZodRawShape>(
  ask: Ask,
  answers: Answers<Shape>,
  message: string,
): Promise<z.output<z.ZodObject<Shape>>> {
  const form = formOf(answers, message);
  let wrong: string | undefined;
  for (let tries = 0; tries < maxTries; tries += 1) {
    const answer = await ask(form, wrong);
    if (answer.action !== 'accept') throw notGiven(answer.action);
    const reading = form.read(answer.content ?? {});
    // What the reader makes of a schema is what the schema says, which the compiler cannot follow.
    if (reading.ok) return reading.value as z.output<z.ZodObject<Shape>>;
    wrong = describeIssues(reading.issues);
  }
  throw new ToolError('TOOL_RUNTIME_BAD_INPUT_VALUE', false, 400, `No answer fits: ${wrong}`);
}

/** Without the question: it most often has inputs in it, and what is said here stands in the log. */
function notGiven(action: 'decline' | 'cancel'): NotAnsweredError {
  return action === 'decline'
    ? new NotAnsweredError('declined', 'The person declined')
    : new NotAnsweredError('cancelled', 'The person closed the question');
}

/** Where nobody can be asked, such as over the engine's routes. @param why the rest of a sentence */
export function cannotAsk(why: string): Ask {
  return () => {
    throw new NotAnsweredError('unreachable', `Cannot ask the person who calls: ${why}`);
  };
}

/** Of an engine: its routes carry no question to anybody (arcade-mcp-server 1.32.1). */
export const engineCannotAsk = cannotAsk('an engine has no way to hand a question on');
