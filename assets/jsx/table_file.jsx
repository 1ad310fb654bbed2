/*
 * A button that takes a text file and hands its bytes over as base64, with their count. A file of `most` bytes or more
 * is not read: only its size is handed over, and the server says what is wrong with it.
 */
export function TableFile({ text, label, most, onTake }) {
  const take = async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    let data = "";
    if (file.size < most) {
      try {
        const bytes = new Uint8Array(await file.arrayBuffer());
        data = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      } catch {
        data = "?"; // gone or unreadable since it was chosen
      }
    }
    onTake(data, file.size);
  };
  const again = (event) => {
    event.target.value = ""; // the same file, corrected, is a choice too
  };
  return (
    <label className="bz-file">
      <input type="file" accept=".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"
        className="bz-sr" aria-label={label} onClick={again} onChange={take} />
      <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="2"
        strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
        <path d="M12 15V4m0 0L7 9m5-5 5 5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3" />
      </svg>
      {text}
    </label>
  );
}
