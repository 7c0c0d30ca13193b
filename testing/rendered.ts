import { render } from '../charts/render';
import { outputProblems } from '../gitops/rules/index';
import type { Problem } from '../model/problem';
import type { Server } from '../model/spec';
import { testSealed } from './fixtures';
import { problemsOf } from './problems';

/** The problems of rendering a server, and those that the rules find in its output. */
export function problemsOfRendered(server: Server): readonly Problem[] {
  const found: Problem[] = [];
  const thrown = problemsOf(() => {
    const { name, platform } = server;
    const files = render(server, testSealed(server)).map((file) => ({
      ...file,
      path: file.name,
      server: name,
      platform: platform.name,
    }));
    found.push(...outputProblems(files, [server]));
  });
  return [...thrown, ...found];
}
