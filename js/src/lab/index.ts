/** The JupyterLab and Notebook extension: renderer, side panel, status bar, palette, `.jsonl` viewer. */

import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ICommandPalette } from "@jupyterlab/apputils";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { IStatusBar } from "@jupyterlab/statusbar";
import { Badge } from "./badge.ts";
import { COMMANDS, PLUGIN } from "./ids.ts";
import { openRows } from "./jsonl.ts";
import { JobsPanel } from "./panel.ts";
import { register } from "./renderer.ts";
import { Server } from "./server.ts";
import { stopJob } from "./stop_job.ts";
import * as strings from "./strings.ts";

function activate(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  statusBar: IStatusBar | null,
  settings: ISettingRegistry | null,
): void {
  const server = new Server(app.serviceManager.serverSettings);
  notebooks?.forEach((panel) => {
    register(panel, server);
  });
  notebooks?.widgetAdded.connect((_, panel) => register(panel, server));

  const panel = new JobsPanel(server);
  app.shell.add(panel, "left", { rank: 600 });
  restorer?.add(panel, panel.id);
  const open = () => app.shell.activateById(panel.id);

  app.commands.addCommand(COMMANDS.panel, { label: strings.openPanel, execute: open });
  app.commands.addCommand(COMMANDS.stop, {
    label: strings.stopJob,
    execute: (args) => stopJob(server, args.job),
  });
  for (const command of Object.values(COMMANDS)) palette?.addItem({ command, category: "ModelOps" });

  void configure(app, server, settings, statusBar, open);
}

async function configure(
  app: JupyterFrontEnd,
  server: Server,
  registry: ISettingRegistry | null,
  statusBar: IStatusBar | null,
  open: () => void,
): Promise<void> {
  const settings = await registry?.load(PLUGIN).catch(() => null);
  const on = (name: string) => (settings?.composite[name] ?? true) === true;
  if (on("openJsonl")) await openRows(app, server);
  if (!statusBar || !on("statusBar")) return;
  const badge = new Badge(open);
  statusBar.registerStatusItem("modelops:jobs", {
    align: "right",
    item: badge,
    isActive: () => !badge.isHidden,
    activeStateChanged: badge.changed,
  });
  await badge.follow(server);
}

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN,
  description: "Live job views, dataset viewer and job panel of modelops_jupyter.",
  autoStart: true,
  optional: [INotebookTracker, ICommandPalette, ILayoutRestorer, IStatusBar, ISettingRegistry],
  activate,
};

export default plugin;
