import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PodNetwork } from './pod-network';

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'every address of a pod leads to who listens in there, and nobody outside is reached but by a port that is named',
  async () => {
    const outside = createServer((_, response) => response.end('outside'));
    await once(outside.listen(0, '127.0.0.1'), 'listening');
    const { port } = outside.address() as AddressInfo;
    const network = await PodNetwork.start([8000], [port]);
    const program = `
    const { createServer } = require('node:http');
    createServer(async ({ url }, response) => {
      if (url === '/up') return response.end('up');
      response.end(await fetch(decodeURIComponent(url.slice(1))).then((answer) => answer.text(), (error) => error.cause.code));
    }).listen(8000, '0.0.0.0');`;
    const command = [process.execPath, '-e', program];
    const server = await network.startServer(
      { name: 'asker', command, environment: () => ({}), readyPath: '/up' },
      8000,
    );
    const ask = async (url: string) => (await fetch(`${server.url}/${encodeURIComponent(url)}`)).text();
    expect(await ask('http://10.0.0.7:8000/up')).toBe('up');
    expect(await ask(`http://127.0.0.1:${port}/`)).toBe('outside');
    expect(await ask(`http://127.0.0.1:${port + 1}/`)).toBe('ECONNREFUSED');
    await server.stop();
    await network.end();
    outside.close();
  },
);
