// A browser host of MCP Apps, built from the official packages: the SDK client, version 2, and the bridge of ext-apps.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import {
  AppBridge,
  buildAllowAttribute,
  getToolUiResourceUri,
  PostMessageTransport,
} from '@modelcontextprotocol/ext-apps/app-bridge';

const hostInfo = { name: 'host', version: '1.0.0' };

/**
 * Calls a tool and shows its page.
 * @param {string} sandbox the URL of the sandbox, on a separate origin
 * @param {{ connectDomains: string[] }} policy the most that pages may reach, whatever they request
 */
window.showTool = async (server, sandbox, name, input, policy) => {
  const client = new Client(hostInfo, {
    capabilities: { extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } } },
    versionNegotiation: { mode: { pin: '2026-07-28' } },
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(server)));
  const { tools } = await client.listTools();
  const tool = tools.find((each) => each.name === name);
  const uri = getToolUiResourceUri(tool);
  const { contents } = await client.readResource({ uri });
  const [{ text: html, mimeType, _meta: meta = {} }] = contents;
  const { csp = {}, permissions, prefersBorder } = meta.ui ?? {};
  const granted = Object.fromEntries(
    Object.entries(csp).map(([list, origins]) => [list, origins.filter((origin) => policy[list]?.includes(origin))]),
  );
  const frame = document.createElement('iframe');
  frame.style.border = prefersBorder ? '1px solid' : 'none';
  frame.sandbox = 'allow-scripts allow-same-origin';
  // The policy grants no device.
  frame.allow = buildAllowAttribute(policy.permissions);
  const context = { toolInfo: { tool }, displayMode: 'inline', theme: 'light' };
  const bridge = new AppBridge(client, hostInfo, { serverTools: {}, logging: {} }, { hostContext: context });
  const initialized = new Promise((resolve) => {
    bridge.oninitialized = resolve;
  });
  bridge.addEventListener('sandboxready', () =>
    bridge.sendSandboxResourceReady({ html, sandbox: 'allow-scripts', csp: granted }),
  );
  document.body.append(frame);
  await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.src = `${sandbox}?csp=${encodeURIComponent(JSON.stringify(granted))}`;
  const resource = { uri, mimeType, requested: { csp, permissions }, granted };
  const result = await client.callTool({ name, arguments: input });
  void initialized.then(async () => {
    await bridge.sendToolInput({ arguments: input });
    await bridge.sendToolResult(result);
  });
  return resource;
};
