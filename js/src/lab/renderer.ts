/**
 * Draws our outputs: the static twin at once, the live view in its place when it really is live.
 *
 * JupyterLab alone shows "model not found" where the kernel of a widget is gone, though the same
 * output carries a readable table. Nothing here parses markup: the twin is drawn by JupyterLab's own
 * HTML renderer with the output's own trust. An untrusted output gets the twin and nothing else.
 */

import type { NotebookPanel } from "@jupyterlab/notebook";
import { type IRenderMimeRegistry, MimeModel } from "@jupyterlab/rendermime";
import type { IRenderMime } from "@jupyterlab/rendermime-interfaces";
import { Panel, type Widget } from "@lumino/widgets";
import { OUR_MIME, WIDGET_MIME } from "./ids.ts";
import { jobView } from "./job_view.ts";
import type { Server } from "./server.ts";

const RETRY_MS = 250;
const RETRIES = 6;
const PATIENCE_MS = 1500;

/** What the widget manager writes in place of a widget whose other half it cannot find. */
const FAILED = "Error displaying widget";

/** Kernel states after which a widget's other half is gone. */
const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Let a notebook draw our outputs with our renderer. */
export function register(panel: NotebookPanel, server: Server): void {
  const { rendermime } = panel.content;
  rendermime.addFactory(
    { safe: true, mimeTypes: [OUR_MIME], createRenderer: () => new TwinRenderer(panel, rendermime, server) },
    -20,
  );
}

class TwinRenderer extends Panel implements IRenderMime.IRenderer {
  private readonly notebook: NotebookPanel;
  private readonly rendermime: IRenderMimeRegistry;
  private readonly server: Server;
  private twin: Widget | null = null;
  private live: Widget | null = null;
  private pending: Widget | null = null;
  private key = "";
  private fromKernel = false;
  private attempt = 0;
  private drawing = 0;

  constructor(notebook: NotebookPanel, rendermime: IRenderMimeRegistry, server: Server) {
    super();
    this.addClass("mo-output");
    this.notebook = notebook;
    this.rendermime = rendermime;
    this.server = server;
    notebook.context.sessionContext.statusChanged.connect(this.onStatus, this);
    notebook.context.sessionContext.kernelChanged.connect(this.kernelGone, this);
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.attempt += 1;
    this.notebook.context.sessionContext.statusChanged.disconnect(this.onStatus, this);
    this.notebook.context.sessionContext.kernelChanged.disconnect(this.kernelGone, this);
    super.dispose();
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    const key = model.trusted ? liveKey(model) : "";
    const keep = key === this.key;
    if (!keep) this.dropLive();
    this.key = key;
    await this.drawTwin(model);
    if (!keep && key) void this.goLive(model);
  }

  private async drawTwin(model: IRenderMime.IMimeModel): Promise<void> {
    const type = "text/html" in model.data ? "text/html" : "text/plain";
    const twin = this.rendermime.createRenderer(type);
    const turn = ++this.drawing;
    await twin.renderModel(
      new MimeModel({ trusted: model.trusted, data: { [type]: model.data[type] ?? "" } }),
    );
    if (turn !== this.drawing || this.isDisposed) return twin.dispose(); // a later one was faster
    this.twin?.dispose();
    this.twin = twin;
    twin.setHidden(this.live !== null);
    this.insertWidget(0, twin);
  }

  private async goLive(model: IRenderMime.IMimeModel): Promise<void> {
    const attempt = ++this.attempt;
    await this.notebook.context.ready;
    const overHttp = await jobView(model, this.server);
    const view = overHttp ?? (await this.widgetView(model, attempt));
    if (attempt !== this.attempt || this.isDisposed) return view?.dispose();
    this.pending = null;
    if (!view) {
      this.key = ""; // a refreshed output may try again
      return;
    }
    this.live = view;
    this.fromKernel = overHttp === null;
    if (!view.parent) this.addWidget(view);
    view.show();
    this.twin?.hide();
  }

  /** The ipywidgets view, once it has drawn something of ours; null when it never will. */
  private async widgetView(model: IRenderMime.IMimeModel, attempt: number): Promise<Widget | null> {
    const source = model.data[WIDGET_MIME];
    if (!source || !this.rendermime.getFactory(WIDGET_MIME)) return null;
    await this.notebook.context.sessionContext.ready;
    for (let turn = 0; turn < RETRIES && attempt === this.attempt && !this.isDisposed; turn += 1) {
      const view = this.rendermime.createRenderer(WIDGET_MIME);
      view.hide();
      this.addWidget(view);
      this.pending = view;
      // A copy: the widget manager empties the model id of a view that is taken down.
      const data = { [WIDGET_MIME]: { ...(source as object) } };
      view.renderModel(new MimeModel({ trusted: true, data })).catch(() => view.dispose());
      // One made before the widget manager came waits for ever: give up, later and later, and make another.
      const patience = turn < RETRIES - 1 ? PATIENCE_MS * 2 ** turn : null;
      if (await drawn(view, patience)) return view;
      view.dispose();
      await pause(RETRY_MS);
    }
    return null;
  }

  private onStatus(_sender: unknown, status: string): void {
    if (GONE.has(status)) this.kernelGone();
  }

  private kernelGone(): void {
    if (this.live && this.fromKernel) this.dropLive();
  }

  private dropLive(): void {
    this.attempt += 1;
    for (const view of [this.live, this.pending]) view?.dispose();
    this.live = this.pending = null;
    this.key = "";
    this.twin?.show();
  }
}

/** What the live view depends on: the same key means that a refreshed twin leaves it alone. */
function liveKey(model: IRenderMime.IMimeModel): string {
  return JSON.stringify([model.data[WIDGET_MIME], model.metadata[OUR_MIME]]);
}

/** Whether a widget view came to show a view of ours; settles as soon as it is clear. */
function drawn(view: Widget, patience: number | null): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (live: boolean) => {
      observer.disconnect();
      clearTimeout(timer);
      resolve(live);
    };
    const look = () => {
      if (view.node.querySelector(".mo")) settle(true);
      else if (view.node.textContent?.includes(FAILED)) settle(false);
    };
    const timer = patience === null ? undefined : setTimeout(settle, patience, false);
    const observer = new MutationObserver(look);
    observer.observe(view.node, { childList: true, subtree: true, characterData: true });
    view.disposed.connect(() => settle(false));
    look();
  });
}
