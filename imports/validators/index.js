module.exports = {
  get SealedSecret() {
    return require('./SealedSecret');
  },
  get ExternalSecret() {
    return require('./ExternalSecret');
  },
  get HTTPRoute() {
    return require('./HTTPRoute');
  },
  get HelmRelease() {
    return require('./HelmRelease');
  },
  get ScaledObject() {
    return require('./ScaledObject');
  },
  get PodMonitor() {
    return require('./PodMonitor');
  },
  get PrometheusRule() {
    return require('./PrometheusRule');
  },
  get HelmRepository() {
    return require('./HelmRepository');
  },
  get OCIRepository() {
    return require('./OCIRepository');
  },
  get RegistryServer() {
    return require('./RegistryServer');
  },
};
