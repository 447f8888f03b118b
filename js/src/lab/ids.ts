/** Names that the extension and the outside must agree on. */

export const OUR_MIME = "application/vnd.modelops-jupyter+json";
export const WIDGET_MIME = "application/vnd.jupyter.widget-view+json";
export const PLUGIN = "@modelops/jupyter:plugin";
export const PANEL = "modelops-panel";

export const COMMANDS = {
  panel: "modelops:open-panel",
  stop: "modelops:stop-job",
} as const;
