import type { ExampleContext } from '../catalog/define-tool';
import type { Members, RpcOutcome } from '../mcp/protocol';

/** A question to the user. */
export interface Asked {
  readonly message: string;
  /** The flat JSON Schema of the form. */
  readonly requestedSchema: {
    readonly properties: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
}

/** The fake user of an MCP client: gives the answers of the test, question by question. */
export class Person {
  /** The questions so far, in order. */
  readonly asked: Asked[] = [];
  readonly #left: NonNullable<ExampleContext['answers']>[number][];
  #unanswered: Error | undefined;

  /** @param answers in order; a missing answer confirms a tool, and fails the test for any other question */
  constructor(answers: NonNullable<ExampleContext['answers']> = []) {
    this.#left = [...answers];
  }

  /** Answers `elicitation/create`. */
  answer(params: Members): RpcOutcome {
    // The worker's own code made the request, so it has this type.
    const question = params as Members & Asked;
    const { message, requestedSchema } = question;
    this.asked.push({ message, requestedSchema });
    const isYesOrNo = Object.keys(requestedSchema.properties).length === 0;
    const answer = this.#left.shift() ?? (isYesOrNo ? {} : undefined);
    if (answer === undefined) {
      this.#unanswered ??= new Error(
        `Cannot answer "${message}": the test gives no answer; write callTool(tool, input, { answers: [{ … }] })`,
      );
      return { result: { action: 'cancel' } };
    }
    return { result: typeof answer === 'string' ? { action: answer } : { action: 'accept', content: answer } };
  }

  /** @throws Error for the first question without an answer */
  check(): void {
    if (this.#unanswered !== undefined) throw this.#unanswered;
  }
}
