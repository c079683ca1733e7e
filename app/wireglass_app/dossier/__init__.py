"""One call's whole dossier: verdict, result, content, timing, logs and frames in one pane."""
