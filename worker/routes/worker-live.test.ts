import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { exchange } from '../../testing/exchanges/exchange';
import { recordedName } from '../../testing/exchanges/recorded';
import { mint } from '../../testing/exchanges/token';
import { late } from '../../testing/worker/late-tool';
import { listening, type TestWorker, testWorker } from '../../testing/worker/test-worker';
import { contract } from '../contract';

const secret = 'a-secret-of-this-test';
const { health, invoke } = contract.paths;
const authorization = `Bearer ${mint({ secret, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;

let server: TestWorker;
let url: string;

beforeAll(async () => {
  server = testWorker({ ARCADE_WORKER_SECRET: secret }, { tools: new Map([['late', late]]) });
  url = await listening(server);
});
afterAll(() => server.app.close());

const bodyOf = (text: string, turns: number) =>
  Buffer.from(JSON.stringify({ tool: { name: 'Late', toolkit: recordedName }, inputs: { text, turns } }));

test('answers each call of an asynchronous tool once, whenever its result arrives', async () => {
  const texts = Array.from({ length: 300 }, (_, index) => `text ${index}`);
  const answers = await Promise.all(
    texts.map((text, index) =>
      exchange(url, { method: 'POST', path: invoke, headers: { authorization }, body: bodyOf(text, index % 5) }),
    ),
  );
  expect(answers.map(({ body }) => JSON.parse(body.toString()).output.value)).toEqual(texts);
});

test('survives callers that disconnect before or during the result', async () => {
  for (const turns of [0, 1, 2, 3, 5, 8].flatMap((count) => Array(10).fill(count))) {
    const socket = await connected();
    const body = bodyOf('unread', turns);
    socket.write(`POST ${invoke} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n`);
    socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    for (let count = 0; count < turns; count += 1) await turn();
    socket.destroy();
  }
  expect((await exchange(url, { method: 'GET', path: health, headers: {} })).status).toBe(200);
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('sends the response to a request before rejecting the garbage that follows it', async () => {
  const socket = await connected();
  let text = '';
  socket.on('data', (data) => {
    text += data.toString();
  });
  socket.write(`GET ${health} HTTP/1.1\r\nHost: x\r\n\r\nGARBAGE\r\n\r\n`);
  await once(socket, 'close');
  expect(text.match(/HTTP\/1\.1 \d\d\d/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
});

async function connected() {
  // A server that listens on a port never has a string address.
  const socket = connect((server.app.server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
