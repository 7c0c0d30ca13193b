import type { Failure } from '../catalog/call';
import { failedResult } from './protocol';
import type { McpResult } from './service';

/** The result of a failed call, and its text, which is all that models see. */
export function failedCall(failure: Failure): { readonly text: string; readonly result: McpResult } {
  const { message, kind, can_retry, additional_prompt_content, retry_after_ms, status_code } = failure;
  const text = additional_prompt_content === null ? message : `${message}\n\n${additional_prompt_content}`;
  const arcade = {
    errorKind: kind,
    canRetry: can_retry,
    ...(additional_prompt_content === null ? {} : { additionalPromptContent: additional_prompt_content }),
    ...(retry_after_ms === null ? {} : { retryAfterMs: retry_after_ms }),
    ...(status_code === null ? {} : { statusCode: status_code }),
  };
  return { text, result: { _meta: { arcade }, ...failedResult(text) } };
}
