"""The parts of the Protocol view: filter field, detail of one frame, what is wrong with it, the composer."""
