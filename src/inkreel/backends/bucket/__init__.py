"""State in an object store (S3, or a folder that machines share), over `obstore`.

bucket.py     what we ask of an object store, in our errors
store.py      `Store`: the truth in the bucket, a folder of this machine in front of it
workers.py    `Workers` whose children know nothing of the bucket
objects.py    `Objects`: uploads and results
upkeep.py     what time and operators take out of the bucket
"""
