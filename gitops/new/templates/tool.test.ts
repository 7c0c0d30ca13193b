import { callTool } from '#tool/testing';
import tool from './tool';

// The examples of the tool are tests already. Here is what they do not say; `callTool` also takes secrets, a token, the time,
// and answers to the tool's requests.
test('a model is told what to try instead', async () => {
  const { failure, mcp } = await callTool(tool, { text: 'espresso' });
  expect(failure).toMatchObject({ kind: 'TOOL_RUNTIME_RETRY', can_retry: true });
  expect(mcp.content[0]?.text).toContain('Try one word');
});
