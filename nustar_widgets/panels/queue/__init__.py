"""Parts of the job panel: what will run, the queue, and the chosen job."""
