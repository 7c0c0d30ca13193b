// A host that shows the pages of tools in Chromium. Arguments: the folder of the packages, Chromium, the URL of the worker, the file
// for a screenshot, and the certificate and key of the external sites as JSON. Prints one JSON line with the results; exits with 1 on any error.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createOutside } from 'node:https';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const [folder, executablePath, url, picture, certified] = process.argv.slice(2);
const here = join(dirname(fileURLToPath(import.meta.url)), 'host');
const { chromium } = createRequire(join(folder, 'package.json'))('playwright-core');

const { outputFiles } = await build({
  entryPoints: [join(here, 'host.mjs')],
  bundle: true,
  format: 'esm',
  write: false,
  nodePaths: [join(folder, 'node_modules')],
  logLevel: 'error',
});
const hostPage =
  '<!doctype html><meta charset="utf-8"><title>Host</title><body><script type="module" src="/host.js"></script>';

/** The policy of a page that may reach only the granted origins (MCP Apps 2026-01-26, "Content Security Policy"). */
function policyOf({ connectDomains = [], resourceDomains = [], frameDomains = [], baseUriDomains = [] }) {
  const resources = resourceDomains.join(' ');
  return [
    "default-src 'none'",
    `script-src 'self' 'unsafe-inline' ${resources}`,
    `style-src 'self' 'unsafe-inline' ${resources}`,
    `img-src 'self' data: ${resources}`,
    `font-src 'self' ${resources}`,
    `media-src 'self' data: ${resources}`,
    `connect-src ${connectDomains.join(' ') || "'none'"}`,
    `frame-src ${frameDomains.join(' ') || "'none'"}`,
    `base-uri ${baseUriDomains.join(' ') || "'self'"}`,
    "object-src 'none'",
  ].join('; ');
}

const server = createServer(({ url: path }, response) => {
  const { pathname, searchParams } = new URL(path, 'http://localhost');
  if (pathname === '/host.js') response.setHeader('content-type', 'text/javascript').end(outputFiles[0].contents);
  else if (pathname === '/sandbox.html') {
    response.setHeader('content-security-policy', policyOf(JSON.parse(searchParams.get('csp'))));
    response.setHeader('content-type', 'text/html').end(readFileSync(join(here, 'sandbox.html')));
  } else response.setHeader('content-type', 'text/html').end(hostPage);
});
const port = await portOf(server);

/** All sites of example.com: answers every request and records it. */
const reached = [];
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPhfDwACggF/yoMH6QAAAABJRU5ErkJggg==';
const outside = createOutside(JSON.parse(certified), ({ url: path, headers: { host } }, response) => {
  reached.push(`https://${host}${path}`);
  response.setHeader('access-control-allow-origin', '*');
  if (path.endsWith('.png')) response.setHeader('content-type', 'image/png').end(Buffer.from(pixel, 'base64'));
  else response.setHeader('content-type', 'text/javascript').end('export default {};');
});
const outsidePort = await portOf(outside);

async function portOf(listening) {
  await new Promise((done) => listening.listen(0, '127.0.0.1', done));
  return listening.address().port;
}

// Browsers treat both loopback names as secure contexts, so only the policy can block the camera.
const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const network = [`--host-resolver-rules=MAP *.example.com:443 127.0.0.1:${outsidePort}`, '--ignore-certificate-errors'];
const flags = ['--no-sandbox', ...camera, ...network];
const browser = await chromium.launch({ executablePath, args: flags });
/** The only external origin that the host grants to pages. */
const policy = { connectDomains: ['https://api.example.com'] };

try {
  console.log(JSON.stringify({ card: await card(), greedy: await greedy() }));
} finally {
  await browser.close();
  server.close();
  outside.close();
}

/** Shows the page of a tool. */
async function shown(tool, input) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(120_000);
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.waitForFunction('window.showTool');
  const sandbox = `http://localhost:${port}/sandbox.html`;
  const resource = await page.evaluate(
    (given) => window.showTool(...given),
    [`${url}/mcp`, sandbox, tool, input, policy],
  );
  return { page, resource, complaints, app: page.frameLocator('iframe').frameLocator('iframe') };
}

async function card() {
  const { page, resource, complaints, app } = await shown(await toolNamed('Temperature'), { city: 'Tromsø' });
  const text = async () => [await app.locator('#city').textContent(), await app.locator('#celsius').textContent()];
  await app.getByText('6 °C').waitFor();
  const first = await text();
  await page.screenshot({ path: picture });
  await app.getByRole('button', { name: 'Ask for Bergen' }).click();
  await app.getByText('Bergen', { exact: true }).waitFor();
  return { ...resource, first, again: await text(), complaints };
}

async function greedy() {
  const { page, resource, app } = await shown(await toolNamed('Greedy'), {});
  await app.locator('#found').getByText('{').waitFor();
  const found = JSON.parse(await app.locator('#found').textContent());
  return { ...resource, found, reached, at: page.url() === `http://127.0.0.1:${port}/` };
}

/** The name of a tool as clients know it. */
async function toolNamed(title) {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  const { result } = await response.json();
  return result.tools.find((tool) => tool.title === title).name;
}
