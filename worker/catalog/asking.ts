import type { z } from 'zod';
import { type Answers, describeIssues, type Form, formOf } from './form';
import { ToolError } from './tool-errors';

/** A person's answer to a question. */
export type Answer =
  | { readonly action: 'accept'; readonly content?: unknown }
  | { readonly action: 'decline' | 'cancel' };

/**
 * Asks the calling person.
 * @param wrong what was wrong with the previous answer to the same question. @default - the question is asked for the first time
 * @throws NotAnsweredError when the person cannot be asked, Paused when the answer arrives with a later call
 */
export type Ask = (form: Form, wrong?: string) => Answer | Promise<Answer>;

/** Ends a run whose question is sent with the result. The tool runs again from the start when the answer arrives. */
export class Paused extends Error {
  override readonly name = 'Paused';
}

/** There is no answer: the person declined, closed the question, or could not be asked. Catch it to continue without one. */
export class NotAnsweredError extends ToolError {
  override readonly name = 'NotAnsweredError';
  constructor(
    readonly reason: keyof typeof failuresByReason,
    message: string,
  ) {
    const { kind, prompt } = failuresByReason[reason];
    super(kind, false, null, message, prompt === undefined ? {} : { additionalPromptContent: prompt });
  }
}

const failuresByReason = {
  declined: {
    kind: 'TOOL_RUNTIME_FATAL',
    prompt: 'The person declined. Do not call the tool again with the same input.',
  },
  cancelled: {
    kind: 'TOOL_RUNTIME_CONTEXT_REQUIRED',
    prompt: 'The person closed the question without an answer. Call the tool again only when they ask for it.',
  },
  unreachable: {
    kind: 'TOOL_RUNTIME_CONTEXT_REQUIRED',
    prompt: 'Tell the user that this tool needs an MCP client that supports form elicitation.',
  },
} as const;

/** How often one question is asked before invalid answers fail the call. */
const maxTries = 3;

/**
 * Asks until an answer is valid.
 * @throws NotAnsweredError; ToolError after the last invalid answer; Paused; Error for a schema that forms do not support
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
    // The reader returns the schema's output type, which the compiler cannot see.
    if (reading.ok) return reading.value as z.output<z.ZodObject<Shape>>;
    wrong = describeIssues(reading.issues);
  }
  throw new ToolError('TOOL_RUNTIME_BAD_INPUT_VALUE', false, 400, `No valid answer after ${maxTries} tries: ${wrong}`);
}

/** The message omits the question: it is logged, and questions often contain inputs. */
function notGiven(action: 'decline' | 'cancel'): NotAnsweredError {
  return action === 'decline'
    ? new NotAnsweredError('declined', 'The person declined')
    : new NotAnsweredError('cancelled', 'The person closed the question');
}

/** An `Ask` that always fails. @param why completes the sentence "Cannot ask the user: …" */
export function cannotAsk(why: string): Ask {
  return () => {
    throw new NotAnsweredError('unreachable', `Cannot ask the user: ${why}`);
  };
}

/** The `ask` of a tool that does not declare `asks`. It always fails. */
export async function askUndeclared(): Promise<never> {
  throw new ToolError('TOOL_RUNTIME_FATAL', false, null, 'Cannot ask: the tool does not declare `asks: true`');
}

/** The `Ask` of engine calls: the engine's routes cannot carry a question (arcade-mcp-server 1.32.1). */
export const engineCannotAsk = cannotAsk('an engine cannot forward a question');
