import type { ExampleContext } from '../catalog/define-tool';
import type { Members, RpcOutcome } from '../mcp/protocol';

/** A question that a person was put. */
export interface Asked {
  readonly message: string;
  /** The flat JSON Schema of what is to be filled in. */
  readonly requestedSchema: {
    readonly properties: Readonly<Record<string, object>>;
    readonly required?: readonly string[];
  };
}

/** Whoever sits before a client in a test: gives the answers of the test, question by question. */
export class Person {
  /** What was asked, in its order. */
  readonly asked: Asked[] = [];
  readonly #left: NonNullable<ExampleContext['answers']>[number][];
  #speechless: Error | undefined;

  /** @param answers what is left out is a yes to whether the tool shall run */
  constructor(answers: NonNullable<ExampleContext['answers']> = []) {
    this.#left = [...answers];
  }

  /** Answers the request of a server for a form (`elicitation/create`). */
  answer(params: Members): RpcOutcome {
    // The worker made it, so it has what its type says.
    const question = params as Members & Asked;
    const { message, requestedSchema } = question;
    this.asked.push({ message, requestedSchema });
    const isYesOrNo = Object.keys(requestedSchema.properties).length === 0;
    const answer = this.#left.shift() ?? (isYesOrNo ? {} : undefined);
    if (answer === undefined) {
      this.#speechless ??= new Error(
        `Cannot answer "${message}": the test gives no answer; write callTool(tool, input, { answers: [{ … }] })`,
      );
      return { result: { action: 'cancel' } };
    }
    return { result: typeof answer === 'string' ? { action: answer } : { action: 'accept', content: answer } };
  }

  /** @throws Error for the first question that had no answer */
  check(): void {
    if (this.#speechless !== undefined) throw this.#speechless;
  }
}
