/** The side panel: jobs live from the store, without a kernel. */

import { LabIcon } from "@jupyterlab/ui-components";
import { Panel, Widget } from "@lumino/widgets";
import { ICONS } from "../core/icons.ts";
import { refuse } from "../core/present.ts";
import { mount } from "../widgets/job_list/index.ts";
import { PANEL } from "./ids.ts";
import { MountedView } from "./mounted.ts";
import type { Server } from "./server.ts";
import * as strings from "./strings.ts";

const paths = ICONS.box.split("|").map((d) => `<path d="${d}"/>`);
export const boxIcon = new LabIcon({
  name: "modelops:box",
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16" fill="none"><g class="jp-icon3" stroke="#616161" stroke-width="1.25" stroke-linejoin="round">${paths.join("")}</g></svg>`,
});

export class JobsPanel extends Panel {
  private readonly server: Server;

  constructor(server: Server) {
    super();
    this.server = server;
    this.id = PANEL;
    this.title.icon = boxIcon;
    this.title.caption = strings.panelTitle;
    this.node.setAttribute("role", "region");
    this.node.setAttribute("aria-label", strings.panelTitle);
  }

  /** Asked each time the panel opens, until there is a server to show. */
  protected override onAfterShow(): void {
    if (!(this.widgets[0] instanceof MountedView)) void this.fill();
  }

  private async fill(): Promise<void> {
    const { server } = this;
    const hello = await server.hello();
    if (this.isDisposed) return;
    for (const widget of [...this.widgets]) widget.dispose();
    const spec = { home_id: hello?.home_id };
    const jobs = { kind: "jobs", mount, spec, connect: () => server.carrier() };
    this.addWidget(hello ? new MountedView(jobs) : noServer());
  }
}

function noServer(): Widget {
  const widget = new Widget();
  const remove = refuse(widget.node, "jobs", strings.noServer, strings.noServerHint);
  widget.disposed.connect(remove);
  return widget;
}
