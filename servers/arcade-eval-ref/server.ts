import { defineServer } from '#server';

export default defineServer({
  team: 'infra',
  description: 'Reference tools used to check an Arcade worker end to end.',
  version: '1.0.0',
  image: '1.0.1',
});
