import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { goPrograms } from '../../testing/processes/go-programs';
import { Controller, controllerProofs } from './controller';
import { Kubeseal } from './kubeseal';
import { kubesealProofs } from './kubeseal-proofs';
import { type Outcome, runProofs } from './proof';
import { throwaway } from './sample';

void runCommand({
  usage: 'npm run interop -- sealing [--json]   proves sealing against the real kubeseal and its controller; wants Go',
  options: {},
  async run({ json = false }) {
    const programs = goPrograms(root, (line) => process.stderr.write(`${line}\n`));
    const folder = mkdtempSync(join(tmpdir(), 'interop-sealing-'));
    const controller = await Controller.start(programs.controller);
    try {
      const kubeseal = new Kubeseal(programs.kubeseal, folder, throwaway);
      const version = kubeseal.version();
      if (!json) process.stdout.write(`${version}\n`);
      const proofs = [...kubesealProofs(kubeseal), ...controllerProofs(controller)];
      const outcomes = await runProofs(proofs, (outcome) => json || process.stdout.write(`${told(outcome)}\n`));
      const failed = outcomes.filter(({ failure }) => failure !== undefined).length;
      if (json) process.stdout.write(`${JSON.stringify({ version, outcomes }, null, 2)}\n`);
      else process.stdout.write(`${outcomes.length - failed} of ${outcomes.length} hold\n`);
      return failed === 0 && outcomes.length > 0 ? 0 : 1;
    } finally {
      controller.stop();
      rmSync(folder, { recursive: true });
    }
  },
});

function told({ name, ms, failure }: Outcome): string {
  if (failure === undefined) return `${pc.green('✓')} ${name} ${pc.dim(`${ms} ms`)}`;
  return `${pc.red('✗')} ${name}\n    ${failure.split('\n').join('\n    ')}`;
}
