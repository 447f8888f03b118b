/** Wait until somebody has stopped typing. */

export interface Debounced {
  (): void;
  /** Run now if a run is due. */
  flush(): void;
  cancel(): void;
}

export function debounce(run: () => void, ms: number): Debounced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const later = () => {
    cancel();
    timer = setTimeout(() => {
      timer = undefined;
      run();
    }, ms);
  };
  const flush = () => {
    if (timer === undefined) return;
    cancel();
    run();
  };
  return Object.assign(later, { flush, cancel });
}
