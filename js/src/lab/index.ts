import type { JupyterFrontEndPlugin } from "@jupyterlab/application";

const plugins: JupyterFrontEndPlugin<void>[] = [
  { id: "@modelops/jupyter:panel", autoStart: true, activate: () => {} },
];
export default plugins;
