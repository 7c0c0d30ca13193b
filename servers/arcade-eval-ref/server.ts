import { defineServer } from '../spec';

export default defineServer({
  team: 'infra',
  image: 'servicetitandev.azurecr.io/arcade-eval-ref:1.0.1',
});
