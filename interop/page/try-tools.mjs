// Drives the page for trying tools as a user would. Arguments: the folder of the packages, Chromium, the URL of the worker, the URL of
// a page on another site, and the file for a screenshot. Prints one JSON line with the results; exits with 1 on any error.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [folder, executablePath, url, elsewhere, picture] = process.argv.slice(2);
const { chromium } = createRequire(join(folder, 'package.json'))('playwright-core');
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--host-resolver-rules=MAP elsewhere.example.com 127.0.0.1'],
});
const complaints = [];

try {
  const page = await newPage();
  await page.goto(`${url}/try`);
  await page.getByRole('link', { name: 'Plan' }).click();
  const seen = {
    tools: await page.locator('#tools a').allTextContents(),
    plan: await plan(page),
    failed: await callWith(page, 'vague'),
    asked: await asked(page),
    cancelled: await cancelled(page),
    json: await asJson(page),
    foreign: await fromElsewhere(),
  };
  console.log(JSON.stringify({ ...seen, complaints }));
} finally {
  await browser.close();
}

async function newPage() {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(120_000);
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  return page;
}

/** Fills in the form with a value of each kind, and calls the tool. */
async function plan(page) {
  const member = (name) => page.locator(`[data-member="${name}"]`);
  await page.getByRole('textbox', { name: 'title', exact: true }).fill('Fjords');
  await page.getByRole('textbox', { name: 'days' }).fill('3');
  await page.getByRole('combobox', { name: 'pace' }).selectOption('fast');
  for (const [index, city] of ['Bergen', 'Voss', 'Oslo'].entries()) {
    await page.getByRole('button', { name: 'Add to stops' }).click();
    await member('stops').locator('li').nth(index).getByRole('textbox', { name: 'city' }).fill(city);
  }
  await member('stops').getByRole('textbox', { name: 'nights' }).nth(0).fill('2');
  await member('stops').getByRole('checkbox', { name: 'nights is null' }).nth(2).check();
  await member('stops').getByRole('button', { name: 'Remove' }).nth(1).click();
  await page.getByRole('combobox', { name: 'Kind of travel' }).selectOption('car');
  await page.getByRole('textbox', { name: 'plate' }).fill('AB 12');
  await page.getByRole('textbox', { name: 'labels as JSON' }).fill('{"a":"b"}');
  const outcome = await call(page);
  await page.screenshot({ path: picture, fullPage: true });
  return outcome;
}

async function callWith(page, title) {
  await page.getByRole('textbox', { name: 'title', exact: true }).fill(title);
  return call(page);
}

async function call(page) {
  await page.getByRole('button', { name: 'Call' }).click();
  await page.locator('#ending').waitFor();
  return outcomeOf(page);
}

async function outcomeOf(page) {
  const structured = await page.locator('#result h3 + pre').allTextContents();
  return {
    ending: (await page.locator('#ending').textContent()).replace(/ after.*/, ''),
    log: await page.locator('#log li').allTextContents(),
    texts: await page.locator('#result [data-block=text] pre').allTextContents(),
    pictures: await page.locator('#result img').evaluateAll((images) => images.map((each) => each.naturalWidth)),
    structured: structured.map((text) => JSON.parse(text)),
  };
}

/** Answers the tool's questions in turn. */
async function asked(page) {
  await page.getByRole('textbox', { name: 'title', exact: true }).fill('open');
  await page.getByRole('button', { name: 'Call' }).click();
  const question = page.locator('#question');
  await question.getByText('What is it called?').waitFor();
  await question.getByRole('textbox', { name: 'title' }).fill('Lakes');
  await question.getByRole('button', { name: 'Answer' }).click();
  await question.getByText('Plan Lakes?').waitFor();
  await question.getByRole('button', { name: 'Answer' }).click();
  await page.locator('#ending').waitFor();
  return outcomeOf(page);
}

async function cancelled(page) {
  await page.getByRole('textbox', { name: 'title', exact: true }).fill('endless');
  await page.getByRole('button', { name: 'Call' }).click();
  await page.locator('#log li.progress').waitFor();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.locator('#ending').waitFor();
  return (await page.locator('#ending').textContent()).replace(/ after.*/, '');
}

/** Sends arguments that the form cannot express. */
async function asJson(page) {
  await page.getByText('As JSON, for values that the form cannot express').click();
  await page.getByRole('textbox', { name: 'The arguments as JSON' }).fill('{"titel":1}');
  return call(page);
}

/** What a page of another site gets when it calls a tool, fetches or embeds the page, or loads its script. */
async function fromElsewhere() {
  const page = await (await browser.newContext()).newPage();
  await page.goto(elsewhere);
  return page.evaluate(async (target) => {
    const outcome = (promise) =>
      promise.then(
        (response) => response.status,
        () => 'refused',
      );
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
    const post = (type, mode) =>
      outcome(fetch(`${target}/mcp`, { method: 'POST', mode, headers: { 'content-type': type }, body }));
    const frame = Object.assign(document.createElement('iframe'), { src: `${target}/try` });
    document.body.append(frame);
    await new Promise((loaded) => frame.addEventListener('load', loaded));
    const script = Object.assign(document.createElement('script'), { type: 'module', src: `${target}/try/client.js` });
    const scripted = new Promise((end) => {
      script.onload = () => end('loaded');
      script.onerror = () => end('refused');
    });
    document.body.append(script);
    const readable = (() => {
      try {
        return frame.contentDocument?.body.textContent ?? 'refused';
      } catch {
        return 'refused';
      }
    })();
    return {
      call: await post('application/json', 'cors'),
      // The most that a browser sends without a preflight; the page cannot read the response.
      blind: await post('text/plain', 'no-cors'),
      page: await outcome(fetch(`${target}/try`)),
      script: await scripted,
      frame: readable,
    };
  }, url);
}
