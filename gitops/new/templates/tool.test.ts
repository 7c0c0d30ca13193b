import { callTool } from '#tool/testing';
import tool from './tool';

// The tool's examples already run as tests. Test here what they cannot express; `callTool` also takes secrets, a token, the
// time, and answers to the tool's requests.
test('suggests what to try instead when nothing matches', async () => {
  const { failure, mcp } = await callTool(tool, { text: 'espresso' });
  expect(failure).toMatchObject({ kind: 'TOOL_RUNTIME_RETRY', can_retry: true });
  expect(mcp.content[0]?.text).toContain('Try one word');
});
