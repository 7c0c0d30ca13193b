// A host that shows the pages of tools in Chromium. Arguments: the folder of the packages, Chromium, the address of the worker, the file
// of a picture, and the certificate and key of the outside as JSON. Prints one JSON line with what was seen; ends with 1 when anything is thrown.
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

/** The directives of a page that may reach what was granted, and nothing else (MCP Apps 2026-01-26, "Content Security Policy"). */
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

/** Everything at example.com: it gives whoever reaches it what they want, and takes down that they did. */
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

// Both names of this machine are as safe as HTTPS to a browser, so a camera could be had.
const camera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
const network = [`--host-resolver-rules=MAP *.example.com:443 127.0.0.1:${outsidePort}`, '--ignore-certificate-errors'];
const flags = ['--no-sandbox', ...camera, ...network];
const browser = await chromium.launch({ executablePath, args: flags });
/** Of the outside, the one origin that the host lets pages reach. */
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
  const told = await page.evaluate((given) => window.showTool(...given), [`${url}/mcp`, sandbox, tool, input, policy]);
  return { page, told, complaints, app: page.frameLocator('iframe').frameLocator('iframe') };
}

async function card() {
  const { page, told, complaints, app } = await shown(await toolNamed('Temperature'), { city: 'Tromsø' });
  const text = async () => [await app.locator('#city').textContent(), await app.locator('#celsius').textContent()];
  await app.getByText('6 °C').waitFor();
  const first = await text();
  await page.screenshot({ path: picture });
  await app.getByRole('button', { name: 'Ask for Bergen' }).click();
  await app.getByText('Bergen', { exact: true }).waitFor();
  return { ...told, first, again: await text(), complaints };
}

async function greedy() {
  const { page, told, app } = await shown(await toolNamed('Greedy'), {});
  await app.locator('#found').getByText('{').waitFor();
  const found = JSON.parse(await app.locator('#found').textContent());
  return { ...told, found, reached, at: page.url() === `http://127.0.0.1:${port}/` };
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
