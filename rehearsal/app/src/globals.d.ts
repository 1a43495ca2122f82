/** Whether release phase-7d's modules are part of this build. */
declare const __PHASE_7D__: boolean;
/** Whether this build fails on purpose, to rehearse the way back. */
declare const __BROKEN__: boolean;
